/// Encoding of `Encodable` types to JSON text.
///
/// Everything is appended to one growing array as it is encoded. Only nested containers and super encoders, which
/// `Codable` allows to be filled in any order and at any time, get text of their own that is put in its place at the
/// end. Members keep the order in which they were encoded. A member that is encoded twice stands in the text twice;
/// readers let the last one win.
enum JSONEncoding {
    /// The text of `value`.
    ///
    /// - Throws: what the value's `encode(to:)` throws; `EncodingError` for infinities and NaN, for a value that
    ///   encodes nothing, and for one that uses its encoder's containers against their contract.
    static func encode(_ value: some Encodable) throws -> [UInt8] {
        let buffer = JSONEncodingBuffer()
        var encoder = JSONValueEncoder(buffer: buffer, scope: buffer.root, path: JSONCodingPath())
        try encoder.encode(value)
        guard buffer.hasValue else { throw nothingEncoded(value) }
        return try buffer.finish()
    }

    private static func nothingEncoded(_ value: some Encodable) -> EncodingError {
        .invalidValue(value, .init(codingPath: [], debugDescription: "\(type(of: value)) did not encode any value"))
    }
}
