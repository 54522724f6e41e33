/// A strict RFC 8259 scanner: one pass over bytes with a position, allocating nothing.
///
/// It checks the grammar, UTF-8, escapes with their surrogate pairs, and the nesting depth, and reports ranges of the
/// text instead of building values. Member names may repeat; consumers let the last one win. A byte order mark is
/// refused. The scanned memory must outlive the scanner and every `JSONKey` it returns.
struct JSONScanner {
    /// The default bound on the nesting of objects and arrays.
    static let defaultMaximumDepth = 64

    // SAFETY: never outlives the closure that lends the memory, by the contract above; each read is behind a
    // comparison of `position` with `end`, which the initialiser holds inside of the buffer.
    let text: UnsafeBufferPointer<UInt8>
    /// Where scanning stops; at most `text.count`.
    let end: Int
    /// The greatest number of objects and arrays around a value, the value itself included.
    let maximumDepth: Int
    /// The offset in `text` of the next byte to be read.
    var position: Int
    /// How many containers were entered with `beginObject` or `beginArray` and not yet left.
    var enteredDepth = 0
    /// Whether no member or element of the innermost entered container has been read.
    var isAtFirst = false

    /// Makes a scanner of `text`, or of the part `range` of it; offsets always count from the start of `text`.
    init(
        _ text: UnsafeBufferPointer<UInt8>,
        in range: Range<Int>? = nil,
        maximumDepth: Int = JSONScanner.defaultMaximumDepth
    ) {
        let range = range ?? 0..<text.count
        precondition(range.lowerBound >= 0 && range.upperBound <= text.count, "the range lies outside of the text")
        self.text = text
        self.end = range.upperBound
        self.maximumDepth = maximumDepth
        self.position = range.lowerBound
    }

    /// Moves over spaces, tabs, line feeds and carriage returns.
    @inline(__always)
    mutating func skipWhitespace() {
        // Messages are written without whitespace: one comparison settles nearly every call.
        while position < end, text[position] <= 0x20 {
            switch text[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    /// Checks that only whitespace is left.
    mutating func expectEnd() throws(JSONError) {
        skipWhitespace()
        if position < end { throw unexpected(.end) }
    }

    /// Validates a whole value, with the whitespace before it, and moves behind it.
    ///
    /// - Returns: the range of the value's own bytes.
    @discardableResult
    mutating func skipValue() throws(JSONError) -> Range<Int> {
        skipWhitespace()
        let start = position
        if let outermost = try enterContainer(inside: 0) { try skipRest(of: outermost) }
        return start..<position
    }

    // MARK: Values

    /// Moves behind the container that was entered.
    private mutating func skipRest(of outermost: JSONNesting.Container) throws(JSONError) {
        var nesting = JSONNesting()
        nesting.push(outermost)
        repeat {
            if let inner = try enterContainer(inside: nesting.depth) {
                nesting.push(inner)
            } else {
                try leaveContainers(&nesting)
            }
        } while !nesting.isEmpty
    }

    /// Moves over a scalar or an empty container, or into a container up to its first value.
    ///
    /// There are `depth` containers around the value, besides those that were entered with `begin…`. What comes back is the
    /// container that was entered; if none, a whole value lies behind.
    @inline(__always)
    private mutating func enterContainer(inside depth: Int) throws(JSONError) -> JSONNesting.Container? {
        guard position < end else { throw failure(.unexpectedEnd) }
        switch text[position] {
        case UInt8(ascii: "\""):
            position += 1
            _ = try skipStringBody()
        case UInt8(ascii: "{"):
            try checkDepth(depth)
            position += 1
            skipWhitespace()
            if consume(UInt8(ascii: "}")) { return nil }
            _ = try scanMemberName()
            return .object
        case UInt8(ascii: "["):
            try checkDepth(depth)
            position += 1
            skipWhitespace()
            if consume(UInt8(ascii: "]")) { return nil }
            return .array
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try skipNumber()
        case UInt8(ascii: "t"): try skipWord("true")
        case UInt8(ascii: "f"): try skipWord("false")
        case UInt8(ascii: "n"): try skipWord("null")
        default: throw unexpected(.value)
        }
        return nil
    }

    /// After a value: closes the containers that end here, and moves to the next value of the one that does not.
    @inline(__always)
    private mutating func leaveContainers(_ nesting: inout JSONNesting) throws(JSONError) {
        while !nesting.isEmpty {
            skipWhitespace()
            guard position < end else { throw failure(.unexpectedEnd) }
            let isObject = nesting.isInObject
            switch text[position] {
            case UInt8(ascii: ","):
                position += 1
                skipWhitespace()
                if isObject { _ = try scanMemberName() }
                return
            case isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"):
                position += 1
                nesting.pop()
            default: throw unexpected(isObject ? .commaOrBrace : .commaOrBracket)
            }
        }
    }

    // MARK: Tokens

    /// Moves over a name, the colon and the whitespace around it.
    @inline(__always)
    mutating func scanMemberName() throws(JSONError) -> JSONKey {
        let start = position + 1
        try expect(UInt8(ascii: "\""), .memberName)
        let hasEscapes = try skipStringBody()
        let name = UnsafeBufferPointer(rebasing: text[start..<position - 1])
        skipWhitespace()
        try expect(UInt8(ascii: ":"), .colon)
        skipWhitespace()
        return JSONKey(escapedName: name, hasEscapes: hasEscapes)
    }

    @inline(__always)
    mutating func consume(_ byte: UInt8) -> Bool {
        guard position < end, text[position] == byte else { return false }
        position += 1
        return true
    }

    @inline(__always)
    mutating func expect(_ byte: UInt8, _ expectation: JSONError.Expectation) throws(JSONError) {
        guard consume(byte) else { throw position < end ? unexpected(expectation) : failure(.unexpectedEnd) }
    }

    @inline(__always)
    func checkDepth(_ additional: Int) throws(JSONError) {
        if enteredDepth + additional >= maximumDepth { throw failure(.nestingTooDeep(limit: maximumDepth)) }
    }

    func failure(_ reason: JSONError.Reason) -> JSONError { JSONError(reason, at: position) }

    /// The error for the byte at the position, which must exist.
    func unexpected(_ expectation: JSONError.Expectation) -> JSONError {
        failure(.unexpected(found: text[position], expected: expectation))
    }
}
