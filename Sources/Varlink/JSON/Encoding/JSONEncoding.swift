/// Encoding of `Encodable` types to JSON text.
///
/// Everything is appended to one growing array as it is encoded. Only nested containers and super encoders, which
/// `Codable` allows to be filled in any order and at any time, get text of their own that is put in its place at the
/// end. Members keep the order in which they were encoded. A member that is encoded twice stands in the text twice;
/// readers let the last one win.
package enum JSONEncoding {
    /// The text of `value`.
    ///
    /// - Throws: what the value's `encode(to:)` throws; `EncodingError` for infinities and NaN, for a value that
    ///   encodes nothing, and for one that uses its encoder's containers against their contract.
    package static func encode(_ value: some Encodable) throws -> [UInt8] {
        var writer = JSONWriter()
        try append(value, to: &writer)
        return writer.bytes
    }

    /// Appends the text of `value` to what `writer` holds already.
    ///
    /// - Throws: as `encode`; the writer then holds what it held before.
    package static func append(_ value: some Encodable, to writer: inout JSONWriter) throws {
        // The array moves through the buffer and back, so that it is never shared and never copied.
        let start = writer.bytes.count
        let buffer = JSONEncodingBuffer(appendingTo: writer)
        writer = JSONWriter()
        do {
            var encoder = JSONValueEncoder(buffer: buffer, scope: buffer.root, path: JSONCodingPath())
            try encoder.encode(value)
            guard buffer.hasValue else { throw nothingEncoded(value) }
            writer = try buffer.finish()
        } catch {
            writer = buffer.abandon(keeping: start)
            throw error
        }
    }

    private static func nothingEncoded(_ value: some Encodable) -> EncodingError {
        .invalidValue(value, .init(codingPath: [], debugDescription: "\(type(of: value)) did not encode any value"))
    }
}

extension JSONWriter {
    /// Appends the text of `value`.
    ///
    /// - Throws: as `JSONEncoding.encode`; the writer then holds what it held before.
    package mutating func value(_ value: some Encodable) throws {
        try JSONEncoding.append(value, to: &self)
    }
}
