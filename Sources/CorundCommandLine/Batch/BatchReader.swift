package import CorundLoop
import Glibc
import SystemPackage

/// Reads a file of submissions, one to a line, in batches; it holds one of them at most.
package final class BatchReader {
    /// For messages.
    package let source: String
    /// How much of a regular file has been read, from 0 to 1; nil for another.
    package var fractionRead: Double? { size.map { $0 > 0 ? Double(bytesRead) / Double($0) : 1 } }

    /// The number of the first line that no batch given so far has.
    package private(set) var firstLeft = 1

    private let file: FileDescriptor
    /// Of a regular file.
    private let size: Int?
    private var bytesRead = 0
    private let loop: EventLoop
    private var cutter = LineCutter(limit: BatchReader.longestLine)
    private var batch = Batch()
    private var lineNumber = 0
    private var isAtEnd = false
    /// Whether all lines have been given.
    package private(set) var isFinished = false

    /// Bytes of a line; a longer one would be refused by a daemon as well, unless it is told to take it.
    private static let longestLine = 1 << 20
    private static let pieceSize = 64 << 10

    /// Opens the file; `-` is standard input.
    package init(_ path: String, on loop: EventLoop) throws(ArgumentsError) {
        self.loop = loop
        source = path == "-" ? "standard input" : path
        do { file = try path == "-" ? .standardInput : .open(FilePath(path), .readOnly, options: .closeOnExec) } catch {
            throw .unreadable(source: path, SystemCallError("open", errno: error as? Errno ?? .ioError))
        }
        var status = stat()
        let isRegular = fstat(file.rawValue, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        size = isRegular ? Int(status.st_size) : nil
    }

    deinit {
        if file != .standardInput { try? file.close() }
    }

    /// The next batch; nil after the last one.
    ///
    /// - Throws: ``BatchInputError``; the lines since the last batch are in none then.
    package func next() async throws -> Batch? {
        while true {
            if let line = try nextLine() {
                guard batch.take(line) else { return completed(before: line) }
            } else if isAtEnd {
                guard batch.isEmpty else { return completed(before: nil) }
                isFinished = true
                return nil
            } else {
                try await read()
            }
        }
    }

    /// The batch as it is; the next one begins with `line`.
    private func completed(before line: SubmissionLine?) -> Batch {
        defer {
            batch = Batch()
            if let line { _ = batch.take(line) }
        }
        firstLeft = batch.range.upperBound + 1
        return batch
    }

    /// The next line that is not blank; nil when more must be read.
    private func nextLine() throws -> SubmissionLine? {
        do {
            while let line = try cutter.next() ?? (isAtEnd ? cutter.last() : nil) {
                lineNumber += 1
                guard line.contains(where: { !Self.isBlank($0) }) else { continue }
                return try SubmissionLine(line, number: lineNumber)
            }
            return nil
        } catch let error as SubmissionLineError {
            throw BatchInputError(source, line: lineNumber, error.message)
        } catch is LineCutter.LineTooLong {
            throw BatchInputError(source, line: lineNumber + 1, "longer than \(Self.longestLine >> 20) MiB")
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

    /// A file that is no regular one is waited for on the loop, so that answers are taken meanwhile.
    private func read() async throws {
        if size == nil {
            do { try await loop.waitReadable(file.rawValue) } catch let error as SystemCallError
                where error.errno == .notPermitted
            {
                // A device that epoll cannot watch is always readable.
            }
        }
        var piece = [UInt8](repeating: 0, count: Self.pieceSize)
        let count: Int
        do { count = try piece.withUnsafeMutableBytes { try file.read(into: $0) } } catch {
            throw ArgumentsError.unreadable(
                source: source, SystemCallError("read", errno: error as? Errno ?? .ioError))
        }
        bytesRead += count
        isAtEnd = count == 0
        cutter.append(piece[..<count])
    }
}
