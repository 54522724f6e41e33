/// The last line of a terminal, written again and again: progress, for somebody who looks on.
///
/// It must be cleared before anything else is written to the terminal.
package final class LiveLine {
    private let file: OutputFile
    private var isShown = false

    /// A width for terminals that do not tell theirs.
    private static let usualWidth = 80

    /// Nil when the file is no terminal: nobody looks on.
    package init?(on file: OutputFile, environment: (String) -> String?) {
        guard file.isTerminal, environment("TERM") != "dumb" else { return nil }
        self.file = file
    }

    /// Columns that a text may take.
    ///
    /// One less than there are: with a character in the last one, some terminals begin a new line.
    package var width: Int { (file.terminalWidth ?? Self.usualWidth) - 1 }

    /// Replaces what the line shows; what cannot be written is nobody's loss.
    package func show(_ text: String) {
        isShown = true
        try? file.write(Array("\r\(text.printable.cut(toWidth: width))\u{1B}[K".utf8))
    }

    package func clear() {
        guard isShown else { return }
        isShown = false
        try? file.write(Array("\r\u{1B}[K".utf8))
    }
}
