import GRDB
import SystemPackage

/// Why a state folder cannot be used.
///
/// At the daemon's beginning, nothing in it has been changed.
enum StoreError: Error, Equatable, CustomStringConvertible {
    /// Another daemon lives in it.
    case inUse(folder: String)
    /// A later release has written it.
    case newerVersion(path: String, found: Int, known: Int)
    /// It is no database, or a broken one.
    case corrupt(path: String, reason: String)
    case unusable(path: String, reason: String)
    /// It was there when the daemon began.
    case gone(path: String)
    /// At the daemon's end, the disk does not answer.
    case hanging(path: String)

    init(_ error: DatabaseError, path: String) {
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .corrupt(path: path, reason: error.detail)
        default: self = .unusable(path: path, reason: error.reason)
        }
    }

    /// `error` in words for whoever runs the machine, if it comes from the database.
    static func explained(_ error: any Error, path: String) -> any Error {
        switch error {
        case let error as DatabaseError: StoreError(error, path: path)
        case is RowDecodingError: StoreError.corrupt(path: path, reason: "a row has values that it cannot have")
        default: error
        }
    }

    var description: String {
        switch self {
        case .inUse(let folder):
            "the state folder \(folder) is in use by a running daemon. Stop that one, or name another folder"
        case .newerVersion(let path, let found, let known):
            "\(path) was written by a later release: it has version \(found), this one knows \(known). Install that "
                + "release again, or name another state folder"
        case .corrupt(let path, let reason):
            "\(path) is damaged (\(reason)) and was left as it is. Copy it, try `sqlite3 \(path) .recover`, or move it "
                + "away to begin with an empty one"
        case .unusable(let path, let reason): "\(path) cannot be used: \(reason)"
        case .gone(let path): "\(path) has been removed or replaced: put it back, or start the daemon again"
        case .hanging(let path):
            "the disk of \(path) does not answer. What was acknowledged is on it, and the next daemon goes on from there"
        }
    }
}

extension DatabaseError {
    /// What is wrong, in words for whoever runs the machine.
    var reason: String {
        switch resultCode {
        case .SQLITE_FULL: "the disk is full"
        case .SQLITE_READONLY: "it cannot be written"
        case .SQLITE_CANTOPEN: "it cannot be opened"
        case .SQLITE_IOERR: "the disk does not work: \(detail)"
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: "it is damaged: \(detail)"
        default: detail
        }
    }

    fileprivate var detail: String { message ?? "\(resultCode)" }
}
