/// How far a job's events have been read, so that another connection goes on where the last one ended: nothing is missed
/// and nothing read twice.
///
/// Pure.
package struct EventCursor: Equatable, Sendable {
    /// The number of the next event to ask for; nil while any will do.
    package private(set) var next: Int?

    package init(from sequence: Int?) {
        next = sequence
    }

    /// Whether the event is one to be read; it counts as read then.
    ///
    /// Asked for events after a job's end, a daemon answers with the last one.
    package mutating func admits(_ sequence: Int) -> Bool {
        if let next, sequence < next { return false }
        next = sequence + 1
        return true
    }
}
