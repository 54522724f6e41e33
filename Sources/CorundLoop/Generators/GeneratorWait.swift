/// The wait of a generator's consumer for its body, or of the body for a consumer.
@usableFromInline
class GeneratorWait: ParkingPlace, @unchecked Sendable {
    // SAFETY: confined to the loop, as the generator is.

    private var end: Result<Void, any Error>?

    /// Whether who waited is on the way back from it: until then the place is theirs.
    var hasEnded: Bool { end != nil }

    /// Ends the wait, which then throws `error`, if there is one.
    ///
    /// Who waits goes on in the next tick, or `atOnce`, if the loop bears that, as an inner piece of the caller's.
    func end(throwing error: (any Error)?, atOnce: Bool = false) {
        end = error.map { .failure($0) } ?? .success(())
        if atOnce { leaveAtOnce() } else { leave() }
    }

    /// Whether the wait has ended, so that the next one may begin; throws as the wait does.
    func takeEnd() throws -> Bool {
        guard let end = end.take() else { return false }
        try end.get()
        return true
    }

    /// Waits for ``end(throwing:atOnce:)``, which may come first.
    func untilEnd() async throws {
        // Optimised code may take a task that is to run elsewhere there as late as here, half of the way through a step.
        guard loop.isOnItsThread else { return try await Task(executorPreference: loop, operation: untilEnd).value }
        if try takeEnd() { return }
        await wait()
        let hasEnded = try takeEnd()
        precondition(hasEnded, "nothing else lets it go on")
    }

    /// As the other form, and calls `onCancel` when the task is cancelled meanwhile, on the canceller's thread, perhaps before
    /// it waits.
    func untilEnd(isolation: isolated (any Actor)? = #isolation, onCancel: @Sendable () -> Void) async throws {
        try await withTaskCancellationHandler {
            _ = isolation  // a closure that captures it belongs there, too
            try await untilEnd()
        } onCancel: {
            onCancel()
        }
    }
}
