/// The decoder of one value, which is also its single-value container.
struct JSONValueDecoder: Decoder, SingleValueDecodingContainer {
    let value: JSONValue
    let path: JSONCodingPath

    var codingPath: [any CodingKey] { path.keys }

    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(JSONKeyedDecodingContainer(members: try JSONMembers(of: value, at: path), path: path))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try JSONUnkeyedDecodingContainer(of: value, path: path)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { value.kind == .null }

    func decode<T: JSONScalar>(_ type: T.Type) throws -> T { try T.read(value, at: path) }

    // The protocol's own defaults for the 128-bit integers, which throw, would be preferred to a generic method.
    func decode(_ type: Int128.Type) throws -> Int128 { try type.read(value, at: path) }

    func decode(_ type: UInt128.Type) throws -> UInt128 { try type.read(value, at: path) }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        // Without the detour over `init(from:)` and its casts; these two are the common elements of arrays.
        if T.self == RawJSON.self, let raw = value.raw as? T { return raw }
        if T.self == String.self, let string = try String.read(value, at: path) as? T { return string }
        return try T(from: self)
    }
}
