/// The elements of an array, as `Codable` reads them.
struct JSONUnkeyedDecodingContainer: UnkeyedDecodingContainer {
    private let array: JSONValue
    private let path: JSONCodingPath
    private let elements: [Range<Int>]
    private(set) var currentIndex = 0

    /// Scans `array`.
    ///
    /// - Throws: `DecodingError` when it is no array.
    init(of array: JSONValue, path: JSONCodingPath) throws {
        guard array.kind == .array else {
            throw array.mismatch([RawJSON].self, expected: "an array", at: path)
        }
        self.array = array
        self.path = path
        do {
            elements = try array.withScanner { scanner, _ in
                var elements: [Range<Int>] = []
                try scanner.beginArray()
                while try scanner.nextElement() { elements.append(try scanner.skipValue()) }
                return elements
            }
        } catch let error as JSONError {
            throw DecodingError.dataCorrupted(.init(codingPath: path.keys, debugDescription: "\(error)"))
        }
    }

    var codingPath: [any CodingKey] { path.keys }

    var count: Int? { elements.count }

    var isAtEnd: Bool { currentIndex == elements.count }

    mutating func decodeNil() throws -> Bool {
        guard try element(RawJSON.self).kind == .null else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: JSONScalar>(_ type: T.Type) throws -> T { try decodeScalar(type) }

    // The protocol's own defaults for the 128-bit integers, which throw, would be preferred to a generic method.
    mutating func decode(_ type: Int128.Type) throws -> Int128 { try decodeScalar(type) }

    mutating func decode(_ type: UInt128.Type) throws -> UInt128 { try decodeScalar(type) }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        try advancing { try $0.decoder(type).decode(type) }
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try advancing { try $0.decoder(type).container(keyedBy: type) }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try advancing { try $0.decoder([RawJSON].self).unkeyedContainer() }
    }

    mutating func superDecoder() throws -> any Decoder {
        try advancing { try $0.decoder(RawJSON.self) }
    }

    private mutating func decodeScalar<T: JSONScalar>(_ type: T.Type) throws -> T {
        try advancing { try T.read(try $0.element(type), at: $0.path.appending(index: $0.currentIndex)) }
    }

    /// Runs `body` on the current element and moves on if it succeeds; after an error the element can be read again.
    private mutating func advancing<Result>(_ body: (Self) throws -> Result) rethrows -> Result {
        let result = try body(self)
        currentIndex += 1
        return result
    }

    private func decoder(_ type: any Any.Type) throws -> JSONValueDecoder {
        JSONValueDecoder(value: try element(type), path: path.appending(index: currentIndex))
    }

    private func element(_ type: any Any.Type) throws -> JSONValue {
        guard !isAtEnd else {
            let path = path.appending(index: currentIndex)
            throw DecodingError.valueNotFound(type, .init(codingPath: path.keys, debugDescription: "missing"))
        }
        return array.value(at: elements[currentIndex])
    }
}
