import DequeModule

/// Puts the replies of a connection into the order of its calls, which may be answered in any order.
///
/// Pure.
package struct ReplyQueue {
    private struct Slot {
        var caller: (any Caller)?
        var isComplete = false
    }

    private var slots = Deque<Slot>()
    /// The number of the call in the first slot.
    private var first = 0
    /// What waits for the answer to an earlier call, by the number of its own: mostly nothing.
    private var held: [Int: JSONWriter] = [:]

    package init() {}

    /// Calls that are not answered yet, or wait for the answer to an earlier one.
    package var count: Int { slots.count }
    package var isEmpty: Bool { slots.isEmpty }
    /// Bytes that wait for the answer to an earlier call.
    package private(set) var heldBytes = 0

    /// A place for the replies to the next call.
    package mutating func open() -> Int {
        slots.append(Slot())
        return first + slots.count - 1
    }

    /// Who is to be told when the connection goes before call `number` is answered.
    package mutating func setCaller(_ caller: any Caller, of number: Int) {
        guard number >= first else { return }
        slots[number - first].caller = caller
    }

    /// Whether no earlier call holds back the replies to call `number`.
    package func isFirst(_ number: Int) -> Bool { number == first }

    /// Takes a reply to call `number` and, when it is final, closes its place.
    ///
    /// Replies that no earlier call holds back are appended to `output`. A reply to a call that is complete already is
    /// dropped.
    package mutating func reply(
        to number: Int, isFinal: Bool, output: inout JSONWriter, _ write: (inout JSONWriter) -> Void
    ) {
        let index = number - first
        guard index >= 0, index < slots.count, !slots[index].isComplete else { return }
        if index == 0 {
            write(&output)
            if isFinal { closeFirst(output: &output) }
        } else {
            hold(number, write)
            slots[index].isComplete = isFinal
        }
    }

    private mutating func hold(_ number: Int, _ write: (inout JSONWriter) -> Void) {
        var replies = held.removeValue(forKey: number) ?? JSONWriter()
        heldBytes -= replies.bytes.count
        write(&replies)
        heldBytes += replies.bytes.count
        held[number] = replies
    }

    /// Gives up call `number` and those after it, all calls when it is nil: whatever comes for them is dropped.
    ///
    /// Those before it can still be answered.
    ///
    /// - Returns: who is to be told.
    package mutating func abandon(from number: Int? = nil) -> [any Caller] {
        let start = min(max(0, (number ?? first) - first), slots.count)
        let callers = slots[start...].compactMap { $0.isComplete ? nil : $0.caller }
        for index in start..<slots.count {
            heldBytes -= held.removeValue(forKey: first + index)?.bytes.count ?? 0
            slots[index] = Slot(isComplete: true)
        }
        if start == 0 {
            first += slots.count
            slots = []
        }
        return callers
    }

    /// The first call is answered: what waited behind it may go.
    private mutating func closeFirst(output: inout JSONWriter) {
        repeat {
            slots.removeFirst()
            first += 1
            guard !held.isEmpty, let next = held.removeValue(forKey: first)?.bytes else { continue }
            output.bytes.append(contentsOf: next)
            heldBytes -= next.count
        } while !slots.isEmpty && slots[0].isComplete
    }
}

/// The work behind a call, which may want to know that nobody waits for the answer any more.
package protocol Caller: AnyObject {
    func callerHungUp()
}
