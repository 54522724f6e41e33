/// Decoding of `Decodable` types from validated JSON text.
///
/// The decoder is a view of the text: each keyed or unkeyed container scans its own members or elements once, and
/// values are converted when they are asked for. A byte is thus scanned once for each container around it that is
/// decoded, which the nesting bound of the validation limits.
enum JSONDecoding {
    /// Makes a value of `type` from `raw`.
    ///
    /// Integers are exact: `1.0` and `1e3` are integers, `1.5` is a type mismatch, and what does not fit is corrupted.
    /// Null counts as absent for `decodeIfPresent`. A `RawJSON` inside of the type takes its bytes as they are.
    ///
    /// - Throws: `DecodingError`, and what the type's `init(from:)` throws.
    static func decode<T: Decodable>(_ type: T.Type, from raw: RawJSON) throws -> T {
        try JSONValueDecoder(value: JSONValue(raw), path: JSONCodingPath()).decode(type)
    }
}
