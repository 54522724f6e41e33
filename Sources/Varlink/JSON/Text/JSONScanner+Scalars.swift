// Strings, numbers and the three words: the bytes between the structural characters.
extension JSONScanner {
    /// Moves from behind an opening quote to behind the closing one; tells whether there are escapes between them.
    mutating func skipStringBody() throws(JSONError) -> Bool {
        var hasEscapes = false
        while true {
            skipPlainCharacters()
            guard position < end else { throw failure(.unexpectedEnd) }
            switch text[position] {
            case UInt8(ascii: "\""):
                position += 1
                return hasEscapes
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try skipEscape()
            case 0x80...:
                try skipNonASCII()
            case let control:
                throw failure(.controlCharacter(control))
            }
        }
    }

    /// Moves over ASCII characters that mean themselves.
    @inline(__always)
    private mutating func skipPlainCharacters() {
        var current = position
        while end - current >= EightBytes.count {
            let bytes = EightBytes(text, at: current)
            let mask = bytes.needingEscape | bytes.nonASCII
            if mask != 0 {
                position = current + EightBytes.firstIndex(in: mask)
                return
            }
            current += EightBytes.count
        }
        while current < end {
            let byte = text[current]
            if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            current += 1
        }
        position = current
    }

    private mutating func skipNonASCII() throws(JSONError) {
        repeat {
            let length = WellFormedUTF8.sequenceLength(in: text, at: position, end: end)
            if length == 0 { throw failure(.invalidUTF8) }
            position += length
        } while position < end && text[position] >= 0x80
    }

    private mutating func skipEscape() throws(JSONError) {
        guard position + 1 < end else { throw JSONError(.unexpectedEnd, at: end) }
        switch text[position + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        case UInt8(ascii: "u"):
            try skipUnicodeEscape()
        default:
            throw failure(.invalidEscape)
        }
    }

    /// Moves over `\uXXXX`, or over a surrogate pair of two of them.
    private mutating func skipUnicodeEscape() throws(JSONError) {
        let start = position
        let first = try hexadecimalEscape()
        guard first & 0xF800 == 0xD800 else { return }
        guard UTF16.isLeadSurrogate(first), position < end, text[position] == UInt8(ascii: "\\") else {
            throw position < end || UTF16.isTrailSurrogate(first)
                ? JSONError(.loneSurrogate, at: start) : failure(.unexpectedEnd)
        }
        guard position + 1 < end else { throw JSONError(.unexpectedEnd, at: end) }
        guard text[position + 1] == UInt8(ascii: "u"), UTF16.isTrailSurrogate(try hexadecimalEscape()) else {
            throw JSONError(.loneSurrogate, at: start)
        }
    }

    private mutating func hexadecimalEscape() throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for offset in position + 2..<position + 6 {
            guard offset < end else { throw JSONError(.unexpectedEnd, at: end) }
            guard let digit = JSONUnescaper.hexadecimalValue(of: text[offset]) else { throw failure(.invalidEscape) }
            unit = unit << 4 | digit
        }
        position += 6
        return unit
    }

    mutating func skipNumber() throws(JSONError) {
        _ = consume(UInt8(ascii: "-"))
        if !consume(UInt8(ascii: "0")) { try skipDigits() }
        if consume(UInt8(ascii: ".")) { try skipDigits() }
        guard position < end, text[position] | 0x20 == UInt8(ascii: "e") else { return }
        position += 1
        if !consume(UInt8(ascii: "+")) { _ = consume(UInt8(ascii: "-")) }
        try skipDigits()
    }

    @inline(__always)
    private mutating func skipDigits() throws(JSONError) {
        let start = position
        while position < end, text[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        guard position > start else { throw position < end ? unexpected(.digit) : failure(.unexpectedEnd) }
    }

    /// Moves over one of `true`, `false` and `null`; any other word is no value.
    @inline(__always)
    mutating func skipWord(_ word: StaticString) throws(JSONError) {
        let start = position
        for index in 0..<word.utf8CodeUnitCount {
            guard start + index < end else { throw JSONError(.unexpectedEnd, at: end) }
            guard text[start + index] == word.utf8Start[index] else { throw unexpected(.value) }
        }
        position = start + word.utf8CodeUnitCount
    }
}
