extension EventLoop {
    /// How many asynchronous generators have begun on the loop and not ended.
    public var asyncGeneratorCount: Int { generators.count }

    /// Closes all asynchronous generators that live on the loop, at the same time, and waits for their ends, as
    /// `loop.shutdown_asyncgens()`; then those that began meanwhile.
    ///
    /// An error of one goes to the exception handler, and the others still close. A body that runs for a consumer is
    /// cancelled. A generator that begins afterwards is reported, and works. The wait does not end with the caller's
    /// cancellation. It is not for a generator's body, which would wait for itself.
    ///
    /// - Parameter timeout: how long to wait; what has not ended then is reported by name, and left to itself. (Those that
    ///   began meanwhile, and were not closed yet, are closed then, and have a tenth of a second more.) nil: without limit.
    /// - Throws: ``EventLoopError/wrongThread``.
    public func shutdownAsyncGenerators(timeout: Duration? = nil) async throws {
        guard isOnItsThread else { throw EventLoopError.wrongThread }
        generators.isShutDown = true
        guard let timeout else { return await endGenerators() }
        try await endGenerators(within: timeout) { [self] in giveUpGenerators(after: timeout) { !$0.isOpen } }
        // The time is up: what began meanwhile has not been asked to end, and may do so at once.
        try await endGenerators(within: Self.lastMoment) { [self] in giveUpGenerators(after: timeout) { _ in true } }
    }

    /// For the end of what has begun during a close, when the time was up before it was asked for that.
    package static let lastMoment = Duration.milliseconds(100)

    /// Closes all, and waits until none is left that is not given up, or `giveUp` was called.
    private func endGenerators(within limit: Duration, giveUp: @escaping () -> Void) async throws {
        var isOver = false
        let timer = try callLater(limit) {
            isOver = true
            giveUp()
        }
        defer { timer.cancel() }
        await endGenerators { isOver }
    }

    private func endGenerators(until isOver: () -> Bool = { false }) async {
        while case let closing = generators.live.filter({ !$0.isGivenUp }), !closing.isEmpty, !isOver() {
            for generator in closing { shutDown(generator) }
            for generator in closing { await generator.waitUntilEnded() }
        }
    }

    /// From now on, generators that begin are reported.
    ///
    /// - Returns: whether any lives, for ``shutdownAsyncGenerators(timeout:)``.
    package func beginGeneratorShutdown() -> Bool {
        generators.isShutDown = true
        return generators.count > 0
    }

    private func shutDown(_ generator: any LiveGenerator) {
        reportLeftOver(generator)
        generator.shutDown()
    }

    private func giveUpGenerators(after limit: Duration, where isMeant: (any LiveGenerator) -> Bool) {
        for generator in generators.live where !generator.isGivenUp && isMeant(generator) {
            report("an asynchronous generator did not close within \(limit) and was left behind", generator)
            generator.giveUp()
        }
    }

    /// Reports each generator that has been closed, with all, and has not ended.
    package func reportClosingGenerators(_ message: String) {
        guard generators.isShutDown else { return }
        for generator in generators.live where !generator.isGivenUp { report(message, generator) }
    }

    /// The first-iteration hook.
    func register(_ generator: any LiveGenerator) {
        if generators.isShutDown {
            report("an asynchronous generator began after the loop had shut its generators down", generator)
        }
        generators.insert(generator)
    }

    func unregister(_ generator: any LiveGenerator) {
        generators.remove(generator)
    }

    /// Nobody waits for a generator's end, and it ended so.
    func reportFailureOfClosing(_ generator: any LiveGenerator, _ error: any Error) {
        guard !(error is CancellationError) else { return }
        report("an error occurred during closing of an asynchronous generator", generator, error)
    }

    /// The loop closes, and the bodies that wait at a `yield` stay there: nothing of them can run any more.
    func leaveGeneratorsBehind() {
        for generator in generators.removeAll() {
            reportLeftOver(generator)
            generator.loopClosed()
        }
    }

    private func reportLeftOver(_ generator: any LiveGenerator) {
        guard isDebugging, generator.isOpen else { return }
        report("an asynchronous generator was left over at close", generator)
    }

    private func report(_ message: String, _ generator: any LiveGenerator, _ error: (any Error)? = nil) {
        report(
            ExceptionReport(
                message: message, error: error, generatorName: generator.name, createdAt: generator.createdAt))
    }
}
