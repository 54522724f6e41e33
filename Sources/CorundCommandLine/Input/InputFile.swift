import CorundLoop
import SystemPackage
package import Varlink

/// A text that is read from a file or from standard input.
package enum InputFile {
    /// Bytes that are read at most: more than a daemon takes in one message unless it is told to.
    package static let sizeLimit = 16 << 20
    private static let pieceSize = 64 << 10

    /// The JSON text in the file at `path`.
    package static func json(atPath path: String) throws(ArgumentsError) -> RawJSON {
        try json(contents(atPath: path), name(path))
    }

    /// The JSON text on standard input, which is read to its end.
    package static func standardInputJSON() throws(ArgumentsError) -> RawJSON {
        try json(contents(of: .standardInput, standardInput), standardInput)
    }

    /// The text in the file at `path`; `-` is standard input.
    package static func text(_ path: String) throws(ArgumentsError) -> String {
        let isStandardInput = path == "-"
        let bytes = isStandardInput ? try contents(of: .standardInput, standardInput) : try contents(atPath: path)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .notText(source: isStandardInput ? standardInput : name(path))
        }
        return text
    }

    private static let standardInput = "standard input"

    private static func name(_ path: String) -> String { "the file \(path)" }

    private static func json(_ bytes: [UInt8], _ source: String) throws(ArgumentsError) -> RawJSON {
        do throws(JSONError) { return try RawJSON(validating: bytes) } catch { throw .notJSON(source: source, error) }
    }

    private static func contents(atPath path: String) throws(ArgumentsError) -> [UInt8] {
        let file: FileDescriptor
        do { file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec) } catch {
            throw unreadable(name(path), "open", error)
        }
        defer { try? file.close() }
        return try contents(of: file, name(path))
    }

    private static func contents(of file: FileDescriptor, _ source: String) throws(ArgumentsError) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: pieceSize)
        while true {
            let count: Int
            do { count = try piece.withUnsafeMutableBytes { try file.read(into: $0) } } catch {
                throw unreadable(source, "read", error)
            }
            guard count > 0 else { return bytes }
            guard bytes.count + count <= sizeLimit else { throw .tooLarge(source: source, limit: sizeLimit) }
            bytes += piece[..<count]
        }
    }

    private static func unreadable(_ source: String, _ call: String, _ error: any Error) -> ArgumentsError {
        .unreadable(source: source, SystemCallError(call, errno: error as? Errno ?? .ioError))
    }
}
