/// Why a text is not acceptable JSON, and where.
public struct JSONError: Error, Sendable, Equatable {
    /// What was wrong.
    public let reason: Reason
    /// The zero-based offset, in bytes from the start of the scanned text, of the byte at fault.
    public let offset: Int

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - reason: what was wrong.
    ///   - offset: the offset in bytes of the byte at fault.
    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// The kinds of fault that a text can have.
    public enum Reason: Sendable, Equatable {
        /// The text stops inside a value, or holds none.
        case unexpectedEnd
        /// Something else stands where the grammar allows only `expected`.
        case unexpected(found: UInt8, expected: Expectation)
        /// A string contains a byte below 0x20 that is not escaped.
        case controlCharacter(UInt8)
        /// A backslash is followed by something that is no escape.
        case invalidEscape
        /// An escaped UTF-16 surrogate lacks its other half.
        case loneSurrogate
        /// A string is not well-formed UTF-8.
        case invalidUTF8
        /// Objects and arrays are nested more deeply than `limit` levels.
        case nestingTooDeep(limit: Int)
    }

    /// What the grammar allows at a place; the raw value names it in a sentence.
    public enum Expectation: String, Sendable {
        /// Any value.
        case value = "a value"
        /// The opening brace of an object.
        case object = "an object"
        /// The opening bracket of an array.
        case array = "an array"
        /// The name of an object's member.
        case memberName = "a member name in double quotes"
        /// The colon between a member's name and its value.
        case colon = "':'"
        /// What follows a member's value.
        case commaOrBrace = "',' or '}'"
        /// What follows an array's element.
        case commaOrBracket = "',' or ']'"
        /// A digit of a number.
        case digit = "a digit"
        /// Nothing but whitespace.
        case end = "the end of the text"
    }
}

extension JSONError: CustomStringConvertible {
    /// A sentence such as `expected ':', found '1' at byte 12`.
    public var description: String { "\(reason) at byte \(offset)" }
}

extension JSONError.Reason: CustomStringConvertible {
    /// The sentence without the place.
    public var description: String {
        switch self {
        case .unexpectedEnd: "unexpected end of text"
        case .unexpected(let found, let expected): "expected \(expected.rawValue), found \(Self.name(of: found))"
        case .controlCharacter(let byte): "control character \(Self.name(of: byte)) in a string"
        case .invalidEscape: "invalid escape in a string"
        case .loneSurrogate: "lone surrogate in a string"
        case .invalidUTF8: "invalid UTF-8 in a string"
        case .nestingTooDeep(let limit): "nesting deeper than \(limit)"
        }
    }

    private static func name(of byte: UInt8) -> String {
        guard (0x21...0x7E).contains(byte) else { return "0x" + String(byte, radix: 16, uppercase: true) }
        return "'\(Character(Unicode.Scalar(byte)))'"
    }
}
