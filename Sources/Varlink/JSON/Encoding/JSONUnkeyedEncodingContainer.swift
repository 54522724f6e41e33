/// The elements of an array, as `Codable` writes them.
struct JSONUnkeyedEncodingContainer: UnkeyedEncodingContainer {
    let encoder: JSONValueEncoder

    var codingPath: [any CodingKey] { encoder.codingPath }

    var count: Int { encoder.buffer.itemCount(in: encoder.scope) }

    func encodeNil() throws {
        begin()
        encoder.buffer.writer.null()
    }

    func encode<T: JSONScalar>(_ value: T) throws {
        let index = count
        try encoder.encodeScalarItem(value, at: JSONCodingKey(index: index), begin: begin)
    }

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

    private func begin() {
        encoder.buffer.beginElement(in: encoder.scope, at: encoder.path)
    }

    private func detachedEncoder() -> JSONValueEncoder {
        let index = count
        begin()
        return encoder.detachedEncoder(at: JSONCodingKey(index: index))
    }
}
