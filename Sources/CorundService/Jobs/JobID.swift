/// A job's number: unique for as long as the daemon's state is kept, ascending.
struct JobID: Hashable, Comparable, CustomStringConvertible {
    let number: UInt64

    init(_ number: UInt64) {
        self.number = number
    }

    /// From its text on the wire; nil for anything else.
    init?(_ text: String) {
        guard let number = UInt64(text), text == String(number) else { return nil }
        self.number = number
    }

    static func < (left: JobID, right: JobID) -> Bool { left.number < right.number }

    var description: String { String(number) }
}
