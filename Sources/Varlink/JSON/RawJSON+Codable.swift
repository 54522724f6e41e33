// In this module's coders a raw value passes through byte for byte; with a foreign coder it is taken apart and built
// up again, which keeps its meaning and not its spelling.
extension RawJSON: Codable {
    /// Takes over any value.
    ///
    /// A number from a foreign decoder keeps its value as far as `Int64`, `UInt64` or `Double` holds it.
    public init(from decoder: any Decoder) throws {
        if let decoder = decoder as? JSONValueDecoder {
            self = decoder.value.raw
            return
        }
        var writer = JSONWriter()
        if let members = try? decoder.container(keyedBy: JSONCodingKey.self) {
            try Self.write(members, to: &writer)
        } else if let elements = try? decoder.unkeyedContainer() {
            try Self.write(elements, to: &writer)
        } else {
            try Self.write(try decoder.singleValueContainer(), to: &writer)
        }
        self.init(unchecked: writer.bytes)
    }

    /// Writes the value.
    public func encode(to encoder: any Encoder) throws {
        if var encoder = encoder as? JSONValueEncoder {
            try encoder.encode(self)
            return
        }
        let value = JSONValue(self)
        switch value.kind {
        case .object: try encodeMembers(of: value, to: encoder)
        case .array: try encodeElements(of: value, to: encoder)
        case .string, .number, .boolean, .null: try encodeScalar(value, to: encoder)
        }
    }

    // MARK: From a foreign decoder

    private static func write(
        _ members: KeyedDecodingContainer<JSONCodingKey>,
        to writer: inout JSONWriter
    ) throws {
        writer.literal("{")
        for (index, key) in members.allKeys.enumerated() {
            if index > 0 { writer.literal(",") }
            writer.string(key.stringValue)
            writer.literal(":")
            writer.raw(try members.decodeIfPresent(RawJSON.self, forKey: key) ?? JSONValue.null.raw)
        }
        writer.literal("}")
    }

    private static func write(_ elements: any UnkeyedDecodingContainer, to writer: inout JSONWriter) throws {
        var elements = elements
        writer.literal("[")
        while !elements.isAtEnd {
            if elements.currentIndex > 0 { writer.literal(",") }
            if try elements.decodeNil() { writer.null() } else { writer.raw(try elements.decode(RawJSON.self)) }
        }
        writer.literal("]")
    }

    private static func write(_ scalar: any SingleValueDecodingContainer, to writer: inout JSONWriter) throws {
        if scalar.decodeNil() {
            writer.null()
        } else if let value = try? scalar.decode(Bool.self) {
            writer.boolean(value)
        } else if let value = try? scalar.decode(Int64.self) {
            writer.integer(value)
        } else if let value = try? scalar.decode(UInt64.self) {
            writer.integer(value)
        } else if let value = try? scalar.decode(Double.self) {
            try value.write(to: &writer, at: JSONCodingPath())
        } else {
            writer.string(try scalar.decode(String.self))
        }
    }

    // MARK: To a foreign encoder

    private func encodeMembers(of value: JSONValue, to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: JSONCodingKey.self)
        let members = try JSONMembers(of: value, at: JSONCodingPath())
        for name in members.names {
            guard let value = members.value(named: name) else { continue }
            try container.encode(value.raw, forKey: JSONCodingKey(stringValue: name))
        }
    }

    private func encodeElements(of value: JSONValue, to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try value.withScanner { scanner, text in
            try scanner.scanArray { try container.encode(RawJSON(unchecked: text, in: $0)) }
        }
    }

    private func encodeScalar(_ value: JSONValue, to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        let path = JSONCodingPath()
        switch value.kind {
        case .null: try container.encodeNil()
        case .boolean: try container.encode(try Bool.read(value, at: path))
        case .string: try container.encode(try String.read(value, at: path))
        case .number, .object, .array:
            if let integer = try? Int64.read(value, at: path) {
                try container.encode(integer)
            } else if let integer = try? UInt64.read(value, at: path) {
                try container.encode(integer)
            } else {
                try container.encode(try Double.read(value, at: path))
            }
        }
    }
}
