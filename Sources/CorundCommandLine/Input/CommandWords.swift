/// The words of a command line, as the kernel passes them: bytes.
package enum CommandWords {
    /// The first word that is not UTF-8, as it can be shown.
    ///
    /// Swift's `CommandLine.arguments` repairs it, and a job would be given another file's name than the one that was
    /// written.
    package static func firstThatIsNoText(in words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> String? {
        var next = words
        while let word = next.pointee {
            if String(validatingCString: word) == nil { return String(cString: word).printable }
            next += 1
        }
        return nil
    }
}
