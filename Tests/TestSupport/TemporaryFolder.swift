import Foundation

/// A folder that goes with its owner, and with it all that is in it.
///
/// Its path is short, for the sake of sockets in it.
package final class TemporaryFolder: Sendable {
    package let path: String

    /// Makes the folder.
    ///
    /// - Parameter files: what is in it from the start: texts, each by its path in the folder.
    /// - Throws: what keeps it from being made.
    package init(_ files: [String: String] = [:]) throws {
        var template = Array("/tmp/corund-test-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        path = String(cString: made)
        for (name, text) in files { try write(text, to: name) }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of what has that name in the folder, or of what would have it.
    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file anew, and makes the folders that are missing above it.
    package func write(_ text: String, to name: String) throws {
        let file = URL(fileURLWithPath: file(name))
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: false, encoding: .utf8)
    }

    package func read(_ name: String) throws -> String {
        try String(contentsOfFile: file(name), encoding: .utf8)
    }

    /// The names of what is in it.
    package func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path)
    }
}
