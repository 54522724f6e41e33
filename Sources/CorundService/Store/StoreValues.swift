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
}

extension Row {
    func id(_ column: Int) -> JobID { JobID(UInt64(bitPattern: self[column])) }

    func timestamp(_ column: Int) -> Timestamp? { (self[column] as Int64?).map(Timestamp.init(microseconds:)) }

    /// A column that is never NULL.
    func time(_ column: Int) -> Timestamp { Timestamp(microseconds: self[column]) }

    /// The state; what cannot be read was written by nobody we know, and stands still.
    func state(_ column: Int) -> JobState { JobState(rawValue: self[column]) ?? .interrupted }

    /// A value that was validated before it was written.
    func json(_ column: Int) -> RawJSON? {
        bytes(column).map { RawJSON(unchecked: $0) }
    }

    func bytes(_ column: Int) -> [UInt8]? { (self[column] as Data?).map(Array.init) }

    /// What was written as JSON; nil for NULL, and for what is no such thing.
    func decoded<Value: Decodable>(_ column: Int, as type: Value.Type = Value.self) -> Value? {
        (self[column] as String?).flatMap { try? RawJSON(validating: $0).decode(type) }
    }
}
