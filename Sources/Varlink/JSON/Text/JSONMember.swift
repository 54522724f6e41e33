/// One member of an object, where a scanner found it.
///
/// Valid only as long as the scanned memory is.
package struct JSONMember {
    package let name: JSONKey
    /// Where the validated value stands in the scanned text.
    package let value: Range<Int>
}

extension JSONScanner {
    /// Validates the value at the position and, when it is an object, appends its members to `members`.
    ///
    /// - Returns: the range of the value's own bytes.
    mutating func skipValue(appendingMembersTo members: inout [JSONMember]) throws(JSONError) -> Range<Int> {
        skipWhitespace()
        guard position < end, text[position] == UInt8(ascii: "{") else { return try skipValue() }
        let start = position
        try beginObject()
        while let name = try nextMember() { members.append(JSONMember(name: name, value: try skipValue())) }
        return start..<position
    }
}
