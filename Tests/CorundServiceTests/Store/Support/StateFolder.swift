import Foundation
import Glibc

@testable import CorundService

/// A folder for a daemon's state that goes with its owner.
final class StateFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/corund-state-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw POSIXError(.EIO) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    var file: String { "\(path)/jobs.db" }

    /// Calls `body` with what is in the folder, and lets go of it.
    @discardableResult
    func open<Value>(_ body: (Shelf) throws -> Value) throws -> Value {
        let shelf = try Shelf(folder: path)
        let value = try body(shelf)
        try shelf.engine.close()
        return value
    }

    /// What is in the file.
    var content: Data { get throws { try Data(contentsOf: URL(fileURLWithPath: file)) } }

    func replaceContent(_ content: some Sequence<UInt8>) throws {
        try Data(content).write(to: URL(fileURLWithPath: file))
    }
}
