/// The members of an object, as `Codable` reads them.
struct JSONKeyedDecodingContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let members: JSONMembers
    let path: JSONCodingPath

    var codingPath: [any CodingKey] { path.keys }

    var allKeys: [Key] { members.names.compactMap(Key.init(stringValue:)) }

    func contains(_ key: Key) -> Bool { members.value(named: key.stringValue) != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try member(key).kind == .null }

    func decode<T: JSONScalar>(_ type: T.Type, forKey key: Key) throws -> T {
        try T.read(try member(key), at: path.appending(key))
    }

    // The protocol's own defaults for the 128-bit integers, which throw, would be preferred to a generic method.
    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 {
        try type.read(try member(key), at: path.appending(key))
    }

    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 {
        try type.read(try member(key), at: path.appending(key))
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try decoder(of: try member(key), key).decode(type)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try decoder(of: try member(key), key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try decoder(of: try member(key), key).unkeyedContainer()
    }

    func superDecoder() -> any Decoder { superDecoder(of: JSONCodingKey.superclass) }

    func superDecoder(forKey key: Key) -> any Decoder { superDecoder(of: key) }

    /// A missing superclass reads as null, as in Foundation's decoder.
    private func superDecoder(of key: any CodingKey) -> any Decoder {
        decoder(of: members.value(named: key.stringValue) ?? .null, key)
    }

    private func decoder(of value: JSONValue, _ key: any CodingKey) -> JSONValueDecoder {
        JSONValueDecoder(value: value, path: path.appending(key))
    }

    private func member(_ key: Key) throws -> JSONValue {
        guard let value = members.value(named: key.stringValue) else {
            let description = "\"\(key.stringValue)\" is missing"
            throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: description))
        }
        return value
    }
}
