/// Where in the source something was made: two words, so that each callback can afford one; the text is made when
/// somebody wants to read it.
package struct CreationSite: Sendable, CustomStringConvertible {
    // SAFETY: the bytes of a string literal, which end with a NUL and stay for as long as the process.
    nonisolated(unsafe) private let file: UnsafePointer<UInt8>
    private let line: UInt32

    /// - Parameters:
    ///   - fileID: `#fileID` there.
    ///   - line: `#line` there.
    package init(_ fileID: StaticString, _ line: UInt) {
        file = fileID.hasPointerRepresentation ? fileID.utf8Start : ("?" as StaticString).utf8Start
        self.line = UInt32(truncatingIfNeeded: line)
    }

    /// Whether it is in the loop's or the runner's own source.
    var isOfTheLibrary: Bool { ["CorundLoop/", "CorundRunner/"].contains { description.hasPrefix($0) } }

    /// `Module/File.swift:12`.
    package var description: String { "\(String(cString: file)):\(line)" }
}
