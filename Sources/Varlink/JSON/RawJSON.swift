/// One valid JSON value, kept as its text byte for byte.
///
/// What a peer sent is passed on unchanged: the order of members, the spelling of numbers and the whitespace inside of
/// the value survive. Two values are equal when their bytes are, so `1` and `1.0` differ. A `RawJSON` inside of a
/// `Codable` type stands for any value.
public struct RawJSON: Sendable, Hashable {
    /// The text, in UTF-8, without whitespace around it.
    public let bytes: [UInt8]

    /// The value `{}`.
    public static let emptyObject = RawJSON(unchecked: Array("{}".utf8))

    /// Makes a value from its text; whitespace around it is dropped.
    ///
    /// - Parameters:
    ///   - bytes: the text in UTF-8.
    ///   - maximumDepth: how deeply objects and arrays may be nested.
    /// - Throws: `JSONError` when the text is not exactly one valid value.
    public init(validating bytes: some Collection<UInt8>, maximumDepth: Int = 64) throws(JSONError) {
        let scanned = bytes.withContiguousStorageIfAvailable { Self.scan($0, maximumDepth) }
        self.bytes = try (scanned ?? Array(bytes).withUnsafeBufferPointer { Self.scan($0, maximumDepth) }).get()
    }

    /// Makes a value from its text; whitespace around it is dropped.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - maximumDepth: how deeply objects and arrays may be nested.
    /// - Throws: `JSONError` when the text is not exactly one valid value; its offset counts UTF-8 bytes.
    public init(validating text: String, maximumDepth: Int = 64) throws(JSONError) {
        try self.init(validating: text.utf8, maximumDepth: maximumDepth)
    }

    /// Makes a value from a text that the caller has validated, or written itself.
    package init(unchecked bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Makes a value from a part of a text that the caller has validated.
    package init(unchecked text: UnsafeBufferPointer<UInt8>, in range: Range<Int>) {
        bytes = Array(text[range])
    }

    /// Makes the value that `value` encodes itself as.
    ///
    /// - Throws: what the value's `encode(to:)` throws; `EncodingError` for infinities and NaN, for a value that
    ///   encodes nothing, and for one that uses its encoder's containers against their contract.
    public init(encoding value: some Encodable) throws {
        self.init(unchecked: try JSONEncoding.encode(value))
    }

    /// Makes a value of `type` from this one.
    ///
    /// - Throws: `DecodingError`, whose coding path leads to the fault, and what the type's `init(from:)` throws.
    public func decode<T: Decodable>(_ type: T.Type = T.self) throws -> T {
        try JSONDecoding.decode(type, from: self)
    }

    private static func scan(
        _ text: UnsafeBufferPointer<UInt8>,
        _ maximumDepth: Int
    ) -> Result<[UInt8], JSONError> {
        var scanner = JSONScanner(text, maximumDepth: maximumDepth)
        do throws(JSONError) {
            let range = try scanner.skipValue()
            try scanner.expectEnd()
            return .success(Array(text[range]))
        } catch {
            return .failure(error)
        }
    }
}

extension RawJSON: CustomStringConvertible {
    /// The text.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}
