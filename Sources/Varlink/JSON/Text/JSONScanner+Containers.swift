// Reading an object's members and an array's elements one by one, in a single pass over the text.
extension JSONScanner {
    /// Enters the object at the position; `nextMember` then reads its members.
    mutating func beginObject() throws(JSONError) {
        try begin(UInt8(ascii: "{"), .object)
    }

    /// Moves to the next member of the object entered last, up to the first byte of its value.
    ///
    /// The caller then moves over the value, with `skipValue` or by entering it.
    ///
    /// - Returns: the member's name; nil when the object has ended, which is then left.
    mutating func nextMember() throws(JSONError) -> JSONKey? {
        guard try advance(closing: UInt8(ascii: "}"), .commaOrBrace) else { return nil }
        return try scanMemberName()
    }

    /// Enters the array at the position; `nextElement` then moves from element to element.
    mutating func beginArray() throws(JSONError) {
        try begin(UInt8(ascii: "["), .array)
    }

    /// Moves to the first byte of the next element of the array entered last.
    ///
    /// - Returns: false when the array has ended, which is then left.
    mutating func nextElement() throws(JSONError) -> Bool {
        try advance(closing: UInt8(ascii: "]"), .commaOrBracket)
    }

    /// Validates the object at the position and shows each member to `visit`, in the order of the text.
    ///
    /// - Parameter visit: receives the name and the range of the validated value; a repeated name is shown each time.
    /// - Throws: `JSONError`, or what `visit` throws; the position is then somewhere inside of the object.
    mutating func scanObject(_ visit: (JSONKey, Range<Int>) throws -> Void) throws {
        try beginObject()
        while let name = try nextMember() { try visit(name, try skipValue()) }
    }

    /// Validates the array at the position and shows the range of each element to `visit`.
    ///
    /// - Throws: `JSONError`, or what `visit` throws; the position is then somewhere inside of the array.
    mutating func scanArray(_ visit: (Range<Int>) throws -> Void) throws {
        try beginArray()
        while try nextElement() { try visit(try skipValue()) }
    }

    private mutating func begin(_ bracket: UInt8, _ expectation: JSONError.Expectation) throws(JSONError) {
        skipWhitespace()
        if position < end, text[position] == bracket { try checkDepth(0) }
        try expect(bracket, expectation)
        enteredDepth += 1
        isAtFirst = true
    }

    /// Moves over the comma to the next item, or over the closing bracket.
    @inline(__always)
    private mutating func advance(
        closing bracket: UInt8,
        _ expectation: JSONError.Expectation
    ) throws(JSONError) -> Bool {
        precondition(enteredDepth > 0, "no container is entered")
        skipWhitespace()
        if consume(bracket) {
            enteredDepth -= 1
            isAtFirst = false
            return false
        }
        if isAtFirst {
            isAtFirst = false
            return true
        }
        try expect(UInt8(ascii: ","), expectation)
        skipWhitespace()
        return true
    }
}
