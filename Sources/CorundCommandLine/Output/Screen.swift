/// Blocks of lines that come one after another: each in the place of the one before, or below it.
package struct Screen {
    private let isInPlace: Bool
    private var isFirst = true

    /// - Parameter isInPlace: the output is a terminal, whose screen is the block's.
    package init(isInPlace: Bool) {
        self.isInPlace = isInPlace
    }

    /// The lines to print for a block.
    package mutating func lines(_ block: [String]) -> [String] {
        defer { isFirst = false }
        guard isInPlace else { return isFirst ? block : [""] + block }
        // Cleared once, then overwritten line by line: clearing the screen each time would flicker.
        let begin = isFirst ? "\u{1B}[H\u{1B}[2J" : "\u{1B}[H"
        let lines = block.map { "\($0)\u{1B}[K" } + ["\u{1B}[J"]
        return [begin + lines[0]] + lines.dropFirst()
    }
}
