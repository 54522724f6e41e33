/// The members of an object, as `Codable` writes them.
struct JSONKeyedEncodingContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: JSONValueEncoder

    var codingPath: [any CodingKey] { encoder.codingPath }

    func encodeNil(forKey key: Key) throws {
        begin(key)
        encoder.buffer.writer.null()
    }

    func encode<T: JSONScalar>(_ value: T, forKey key: Key) throws {
        try encoder.encodeScalarItem(value, at: key) { begin(key) }
    }

    // The protocol's own defaults for the 128-bit integers, which throw, would be preferred to a generic method.
    func encode(_ value: Int128, forKey key: Key) throws {
        try encoder.encodeScalarItem(value, at: key) { begin(key) }
    }

    func encode(_ value: UInt128, forKey key: Key) throws {
        try encoder.encodeScalarItem(value, at: key) { begin(key) }
    }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        try encoder.encodeItem(value, at: key) { begin(key) }
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        detachedEncoder(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        detachedEncoder(key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { detachedEncoder(JSONCodingKey.superclass) }

    func superEncoder(forKey key: Key) -> any Encoder { detachedEncoder(key) }

    private func begin(_ key: any CodingKey) {
        encoder.buffer.beginMember(key.stringValue, in: encoder.scope, at: encoder.path)
    }

    private func detachedEncoder(_ key: any CodingKey) -> JSONValueEncoder {
        begin(key)
        return encoder.detachedEncoder(at: key)
    }
}
