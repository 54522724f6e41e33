/// The encoder of one value, which is also its single-value container.
struct JSONValueEncoder: Encoder, SingleValueEncodingContainer {
    let buffer: JSONEncodingBuffer
    let scope: JSONEncodingBuffer.ScopeID
    let path: JSONCodingPath

    var codingPath: [any CodingKey] { path.keys }

    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        buffer.begin(.object, in: scope, at: path)
        return KeyedEncodingContainer(JSONKeyedEncodingContainer(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        buffer.begin(.array, in: scope, at: path)
        return JSONUnkeyedEncodingContainer(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    // MARK: The single value

    mutating func encodeNil() throws {
        buffer.beginScalar(in: scope, at: path)
        buffer.writer.null()
    }

    mutating func encode<T: JSONScalar>(_ value: T) throws { try encodeScalar(value) }

    // The protocol's own defaults for the 128-bit integers, which throw, would be preferred to a generic method.
    mutating func encode(_ value: Int128) throws { try encodeScalar(value) }

    mutating func encode(_ value: UInt128) throws { try encodeScalar(value) }

    mutating func encode<T: Encodable>(_ value: T) throws {
        if T.self == RawJSON.self, let raw = value as? RawJSON {
            buffer.beginScalar(in: scope, at: path)
            buffer.writer.raw(raw)
        } else {
            try value.encode(to: self)
        }
    }

    private func encodeScalar<T: JSONScalar>(_ value: T) throws {
        buffer.beginScalar(in: scope, at: path)
        try value.write(to: &buffer.writer, at: path)
    }

    // MARK: Values inside of this one

    /// Encodes a member's or element's value at the end of the buffer, behind what `begin` writes.
    ///
    /// When the value fails, what `begin` wrote is undone, too: its owner may catch the error and go on.
    func encodeItem<T: Encodable>(_ value: T, at key: any CodingKey, begin: () -> Void) throws {
        let mark = buffer.mark
        begin()
        do {
            if T.self == RawJSON.self, let raw = value as? RawJSON { return buffer.writer.raw(raw) }
            if T.self == String.self, let string = value as? String { return buffer.writer.string(string) }
            try value.encode(to: JSONValueEncoder(buffer: buffer, scope: buffer.open(), path: path.appending(key)))
            buffer.close()
        } catch {
            buffer.restore(mark)
            throw error
        }
    }

    /// As `encodeItem`, for a value that needs no encoder.
    @inline(__always)
    func encodeScalarItem<T: JSONScalar>(
        _ value: T,
        at key: @autoclosure () -> any CodingKey,
        begin: () -> Void
    ) throws {
        let mark = buffer.mark
        begin()
        do {
            try value.write(to: &buffer.writer, at: path.appending(key()))
        } catch {
            buffer.restore(mark)
            throw error
        }
    }

    /// The encoder of a value that may be encoded later, in its place at the end of the buffer.
    func detachedEncoder(at key: any CodingKey) -> JSONValueEncoder {
        let detached = buffer.detach()
        return JSONValueEncoder(buffer: detached, scope: detached.root, path: path.appending(key))
    }
}
