/// The elements of an array, as `Codable` writes them.
struct JSONUnkeyedEncodingContainer: UnkeyedEncodingContainer {
    let encoder: JSONValueEncoder

    var codingPath: [any CodingKey] { encoder.codingPath }

    var count: Int { encoder.buffer.itemCount(in: encoder.scope) }

    func encodeNil() throws {
        begin()
        encoder.buffer.writer.null()
    }

    func encode<T: JSONScalar>(_ value: T) throws { try encodeScalar(value) }

    // The protocol's own defaults for the 128-bit integers, which throw, would be preferred to a generic method.
    func encode(_ value: Int128) throws { try encodeScalar(value) }

    func encode(_ value: UInt128) throws { try encodeScalar(value) }

    func encode<T: Encodable>(_ value: T) throws {
        try encoder.encodeItem(value, at: JSONCodingKey(index: count), begin: begin)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) -> KeyedEncodingContainer<NestedKey> {
        detachedEncoder().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        detachedEncoder().unkeyedContainer()
    }

    func superEncoder() -> any Encoder { detachedEncoder() }

    private func encodeScalar<T: JSONScalar>(_ value: T) throws {
        let index = count
        try encoder.encodeScalarItem(value, at: JSONCodingKey(index: index), begin: begin)
    }

    private func begin() {
        encoder.buffer.beginElement(in: encoder.scope, at: encoder.path)
    }

    private func detachedEncoder() -> JSONValueEncoder {
        let index = count
        begin()
        return encoder.detachedEncoder(at: JSONCodingKey(index: index))
    }
}
