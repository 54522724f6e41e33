/// Cuts what a program writes into lines, as the journal has them.
///
/// The same lines come out, however what was written is cut into pieces. As journald does with what services write, it
/// cuts a line that is too long, between two characters where it is text, and leaves out lines with nothing in them. The
/// end of a line is a line feed, with or without a carriage return before it. Pure.
struct OutputLines {
    /// The longest line in bytes; as journald's `LineMax`, at least 4, so that a character fits.
    private let limit: Int
    /// What stands after the last end of a line.
    private var unfinished: [UInt8] = []

    init(limit: Int = 48 << 10) {
        self.limit = limit
    }

    /// Calls `body` with each line that `bytes` completes, without its end.
    mutating func append(_ bytes: [UInt8], _ body: (ArraySlice<UInt8>) -> Void) {
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            if unfinished.isEmpty {
                complete(rest[..<end], body)
            } else {
                unfinished += rest[..<end]
                finish(body)
            }
            rest = rest[(end + 1)...]
        }
        unfinished += rest
        // A carriage return at the end may be a part of the line's end, and then it does not count.
        let slack = unfinished.last == UInt8(ascii: "\r") ? 1 : 0
        let uncut = cut(unfinished[...], slack: slack, body)
        if uncut.startIndex > 0 { unfinished = Array(uncut) }
    }

    /// Calls `body` with what stands after the last end of a line, if anything does.
    mutating func finish(_ body: (ArraySlice<UInt8>) -> Void) {
        complete(unfinished[...], body)
        unfinished = []
    }

    private func complete(_ line: ArraySlice<UInt8>, _ body: (ArraySlice<UInt8>) -> Void) {
        let last = cut(line.last == UInt8(ascii: "\r") ? line.dropLast() : line, slack: 0, body)
        if !last.isEmpty { body(last) }
    }

    /// - Returns: what is left of a line when it is no longer too long.
    private func cut(
        _ line: ArraySlice<UInt8>, slack: Int, _ body: (ArraySlice<UInt8>) -> Void
    ) -> ArraySlice<UInt8> {
        var rest = line
        while rest.count > limit + slack {
            let piece = rest.prefix(limit).withoutCutCharacter
            body(piece)
            rest = rest[piece.endIndex...]
        }
        return rest
    }
}
