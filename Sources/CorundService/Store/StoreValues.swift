import CorundAPI
import Foundation
import GRDB
import Varlink

// What SQLite has, as values of ours.

extension JobID: DatabaseValueConvertible {
    var databaseValue: DatabaseValue { Int64(bitPattern: number).databaseValue }

    static func fromDatabaseValue(_ value: DatabaseValue) -> JobID? {
        Int64.fromDatabaseValue(value).map { JobID(UInt64(bitPattern: $0)) }
    }
}

/// Text in a column that is JSON.
enum StoreText {
    static func json(_ value: some Encodable) throws -> String { try RawJSON(encoding: value).description }

    /// What a handler says, without NUL, at which a column would end.
    static func printable(_ text: String) -> String {
        guard text.utf8.contains(0) else { return text }
        return String(text.unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : Character($0) })
    }
}

// Each throws `RowDecodingError` for what we would not have written: a damaged file is to be an error, and GRDB's
// subscripts trap.
extension Row {
    func value<Value: DatabaseValueConvertible & StatementColumnConvertible>(
        _ column: Int, as type: Value.Type = Value.self
    ) throws -> Value {
        try decode(type, atIndex: column)
    }

    func id(_ column: Int) throws -> JobID { JobID(UInt64(bitPattern: try value(column, as: Int64.self))) }

    func timestamp(_ column: Int) throws -> Timestamp? {
        try value(column, as: Int64?.self).map(Timestamp.init(microseconds:))
    }

    /// A column that is never NULL.
    func time(_ column: Int) throws -> Timestamp { Timestamp(microseconds: try value(column)) }

    /// The state; one that nobody we know has written is none in which anything happens.
    func state(_ column: Int) throws -> JobState { JobState(rawValue: try value(column)) ?? .interrupted }

    /// A value that was validated before it was written.
    func json(_ column: Int) throws -> RawJSON? {
        try bytes(column).map { RawJSON(unchecked: $0) }
    }

    func bytes(_ column: Int) throws -> [UInt8]? { try value(column, as: Data?.self).map(Array.init) }

    /// What was written as JSON; nil for NULL, and for what is no such thing.
    func decoded<Value: Decodable>(_ column: Int, as type: Value.Type = Value.self) throws -> Value? {
        try value(column, as: String?.self).flatMap { try? RawJSON(validating: $0).decode(type) }
    }
}
