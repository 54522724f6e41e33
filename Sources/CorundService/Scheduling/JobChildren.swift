import CorundLoop

/// The coroutines that a handler has started beside itself, as long as they run.
///
/// It belongs to the loop.
final class JobChildren: @unchecked Sendable {
    // SAFETY: confined to the loop, on which the children run.
    private struct Child {
        let cancel: () -> Void
        let waitForEnd: () async -> Void
    }

    private var children: [Int: Child] = [:]
    private var last = 0

    var count: Int { children.count }

    /// Starts a child with `start`, which is given what the child is to call at its end.
    func add<Success>(
        _ start: (_ didEnd: @escaping @Sendable () -> Void) throws -> LoopTask<Success>
    ) rethrows -> LoopTask<Success> {
        last += 1
        let number = last
        let task = try start { [self] in children[number] = nil }
        // It takes its first step in the next tick: it has not ended yet.
        children[number] = Child(cancel: task.cancel) { _ = try? await task.value }
        return task
    }

    func cancel() {
        for child in children.values { child.cancel() }
    }

    /// Cancels those that are left, and waits for them.
    func end() async {
        while let child = children.values.first {
            cancel()
            await child.waitForEnd()
        }
    }
}
