import Foundation
import Glibc
import TestSupport

@testable import CorundService

/// A folder for a daemon's state that goes with its owner.
final class StateFolder {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    var path: String { folder.path }
    var file: String { folder.file("jobs.db") }

    /// Calls `body` with what is in the folder, and lets go of it.
    ///
    /// With a mask, new files are made under that.
    @discardableResult
    func open<Value>(under mask: mode_t? = nil, _ body: (Shelf) throws -> Value) throws -> Value {
        let shelf = try mask.map { try withUmask($0) { try Shelf(folder: path) } } ?? Shelf(folder: path)
        let value = try body(shelf)
        try shelf.engine.close(within: .seconds(30))
        return value
    }

    /// What is in the file.
    var content: Data { get throws { try Data(contentsOf: URL(fileURLWithPath: file)) } }

    func replaceContent(_ content: some Sequence<UInt8>) throws {
        try Data(content).write(to: URL(fileURLWithPath: file))
    }
}
