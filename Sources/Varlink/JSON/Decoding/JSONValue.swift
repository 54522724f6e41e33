/// A view of one value inside of a validated text.
///
/// It shares the text's array instead of pointing into it, so that a decoder which somebody keeps stays valid.
struct JSONValue {
    private let bytes: [UInt8]
    private let range: Range<Int>

    /// A value that stands for a member which is not there.
    static let null = JSONValue(RawJSON(unchecked: Array("null".utf8)))

    init(_ raw: RawJSON) {
        bytes = raw.bytes
        range = raw.bytes.indices
    }

    private init(bytes: [UInt8], range: Range<Int>) {
        self.bytes = bytes
        self.range = range
    }

    /// The value at `range`, counted in bytes of the whole text.
    func value(at range: Range<Int>) -> JSONValue { JSONValue(bytes: bytes, range: range) }

    var raw: RawJSON {
        RawJSON(unchecked: range.count == bytes.count ? bytes : Array(bytes[range]))
    }

    var firstByte: UInt8 { range.isEmpty ? 0 : bytes[range.lowerBound] }

    var kind: Kind {
        switch firstByte {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .boolean
        case UInt8(ascii: "n"): .null
        default: .number
        }
    }

    /// The JSON types; the raw value names one in a sentence.
    enum Kind: String {
        case object = "an object"
        case array = "an array"
        case string = "a string"
        case number = "a number"
        case boolean = "a boolean"
        case null = "null"
    }

    /// Lends the value's own text.
    @inline(__always)
    func withText<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try bytes.withUnsafeBufferPointer { (text) throws(Failure) in
            try body(UnsafeBufferPointer(rebasing: text[range]))
        }
    }

    /// Lends the whole text that this value is a part of.
    @inline(__always)
    func withWholeText<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        bytes.withUnsafeBufferPointer(body)
    }

    /// Lends a scanner of the value, and the whole text that its offsets count in.
    func withScanner<Result>(
        _ body: (inout JSONScanner, UnsafeBufferPointer<UInt8>) throws -> Result
    ) rethrows -> Result {
        try bytes.withUnsafeBufferPointer { text in
            // The depth was bounded when the text was validated.
            var scanner = JSONScanner(text, in: range, maximumDepth: .max)
            return try body(&scanner, text)
        }
    }

    // MARK: Errors

    /// The error for a value of another JSON type than `type` needs, and for null.
    func mismatch(_ type: any Any.Type, expected: String, at path: JSONCodingPath) -> DecodingError {
        let context = DecodingError.Context(
            codingPath: path.keys,
            debugDescription: "expected \(expected), found \(found)"
        )
        return kind == .null ? .valueNotFound(type, context) : .typeMismatch(type, context)
    }

    /// The error for a value of the right JSON type that the Swift type cannot hold.
    func corrupted(_ expectation: String, at path: JSONCodingPath) -> DecodingError {
        .dataCorrupted(.init(codingPath: path.keys, debugDescription: "\(expectation), found \(found)"))
    }

    /// What a person would call the value; a number is quoted, cut where it would flood the message.
    private var found: String {
        let longestQuotation = 40
        guard kind == .number else { return kind.rawValue }
        let text = String(decoding: bytes[range].prefix(longestQuotation), as: UTF8.self)
        return range.count > longestQuotation ? text + "…" : text
    }
}
