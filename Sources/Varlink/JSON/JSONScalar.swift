/// A Swift type that is one JSON string, number or boolean.
///
/// The coding containers take every such type through one generic method, which serves all the overloads that
/// `Codable` asks for.
protocol JSONScalar: Codable {
    /// Reads the value; `path` leads to it.
    static func read(_ value: JSONValue, at path: @autoclosure () -> JSONCodingPath) throws -> Self

    /// Writes the value; `path` leads to it.
    func write(to writer: inout JSONWriter, at path: @autoclosure () -> JSONCodingPath) throws
}

extension String: JSONScalar {
    static func read(_ value: JSONValue, at path: @autoclosure () -> JSONCodingPath) throws -> String {
        guard value.kind == .string else { throw value.mismatch(String.self, expected: "a string", at: path()) }
        return value.withText { text in
            String(unescapingJSON: UnsafeBufferPointer(rebasing: text.dropFirst().dropLast()))
        }
    }

    func write(to writer: inout JSONWriter, at path: @autoclosure () -> JSONCodingPath) {
        writer.string(self)
    }
}

extension Bool: JSONScalar {
    static func read(_ value: JSONValue, at path: @autoclosure () -> JSONCodingPath) throws -> Bool {
        guard value.kind == .boolean else { throw value.mismatch(Bool.self, expected: "a boolean", at: path()) }
        return value.firstByte == UInt8(ascii: "t")
    }

    func write(to writer: inout JSONWriter, at path: @autoclosure () -> JSONCodingPath) {
        writer.boolean(self)
    }
}

extension JSONScalar where Self: FixedWidthInteger {
    static func read(_ value: JSONValue, at path: @autoclosure () -> JSONCodingPath) throws -> Self {
        guard value.kind == .number else { throw value.mismatch(Self.self, expected: "an integer", at: path()) }
        switch value.withText({ JSONNumber($0).integer(Self.self) }) {
        case .value(let integer): return integer
        case .fractional:
            throw value.mismatch(Self.self, expected: "an integer", at: path())
        case .outOfRange:
            throw value.corrupted("expected an integer from \(Self.min) to \(Self.max)", at: path())
        }
    }

    func write(to writer: inout JSONWriter, at path: @autoclosure () -> JSONCodingPath) {
        writer.integer(self)
    }
}

extension JSONScalar where Self: BinaryFloatingPoint & LosslessStringConvertible {
    static func read(_ value: JSONValue, at path: @autoclosure () -> JSONCodingPath) throws -> Self {
        guard value.kind == .number else { throw value.mismatch(Self.self, expected: "a number", at: path()) }
        guard let number = value.withText({ JSONNumber($0).floatingPoint(Self.self) }) else {
            throw value.corrupted("expected a number that fits in a \(Self.self)", at: path())
        }
        return number
    }

    func write(to writer: inout JSONWriter, at path: @autoclosure () -> JSONCodingPath) throws {
        guard isFinite else {
            let context = EncodingError.Context(codingPath: path().keys, debugDescription: "JSON has no \(self)")
            throw EncodingError.invalidValue(self, context)
        }
        writer.number(self)
    }
}

extension Double: JSONScalar {}
extension Float: JSONScalar {}
extension Int: JSONScalar {}
extension Int8: JSONScalar {}
extension Int16: JSONScalar {}
extension Int32: JSONScalar {}
extension Int64: JSONScalar {}
extension Int128: JSONScalar {}
extension UInt: JSONScalar {}
extension UInt8: JSONScalar {}
extension UInt16: JSONScalar {}
extension UInt32: JSONScalar {}
extension UInt64: JSONScalar {}
extension UInt128: JSONScalar {}
