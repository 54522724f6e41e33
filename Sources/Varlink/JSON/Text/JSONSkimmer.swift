import Glibc

/// Reads the members of an object that has been validated before: the second look at a text, several times as fast as the
/// first one, because it need not find out whether what it passes over is JSON.
///
/// It stays within the text whatever the text is.
package struct JSONSkimmer {
    private let text: UnsafeBufferPointer<UInt8>
    private var position = 0

    /// - Parameter text: a validated object.
    package init(_ text: UnsafeBufferPointer<UInt8>) {
        self.text = text
        while position < text.count, text[position] != UInt8(ascii: "{") { position += 1 }
        position += 1
    }

    /// The next member's name and the range of its value; nil after the last one.
    package mutating func nextMember() -> (name: JSONKey, value: Range<Int>)? {
        while position < text.count, text[position] != UInt8(ascii: "\"") {
            if text[position] == UInt8(ascii: "}") { return nil }
            position += 1
        }
        guard position < text.count else { return nil }
        let start = position + 1
        let hasEscapes = skipString()
        let name = UnsafeBufferPointer(rebasing: text[start..<max(start, position - 1)])
        while position < text.count, Self.separates(text[position]) { position += 1 }
        let value = position
        skipValue()
        return (JSONKey(escapedName: name, hasEscapes: hasEscapes), value..<position)
    }

    /// Moves behind the value at the position.
    private mutating func skipValue() {
        guard position < text.count else { return }
        switch text[position] {
        case UInt8(ascii: "\""): _ = skipString()
        case UInt8(ascii: "{"), UInt8(ascii: "["): skipContainer()
        default: while position < text.count, !Self.endsScalar(text[position]) { position += 1 }
        }
    }

    private mutating func skipContainer() {
        var depth = 0
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: "\""):
                _ = skipString()
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            position += 1
            if depth == 0 { return }
        }
    }

    /// Moves behind the string at the position.
    ///
    /// - Returns: whether there is an escape in it.
    private mutating func skipString() -> Bool {
        var hasEscapes = false
        position += 1
        while let quote = nextQuote() {
            let isEscaped = backslashes(before: quote) % 2 == 1
            hasEscapes = hasEscapes || isEscaped || hasBackslash(in: position..<quote)
            position = quote + 1
            if !isEscaped { return hasEscapes }
        }
        position = text.count
        return hasEscapes
    }

    private func nextQuote() -> Int? {
        guard let base = text.baseAddress, position < text.count,
            let found = memchr(base + position, CInt(UInt8(ascii: "\"")), text.count - position)
        else { return nil }
        return UnsafeRawPointer(base).distance(to: UnsafeRawPointer(found))
    }

    private func backslashes(before end: Int) -> Int {
        var start = end
        while start > 0, text[start - 1] == UInt8(ascii: "\\") { start -= 1 }
        return end - start
    }

    private func hasBackslash(in range: Range<Int>) -> Bool {
        guard let base = text.baseAddress else { return false }
        return memchr(base + range.lowerBound, CInt(UInt8(ascii: "\\")), range.count) != nil
    }

    private static func separates(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ":") || byte <= UInt8(ascii: " ")
    }

    private static func endsScalar(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") || byte <= UInt8(ascii: " ")
    }
}
