/// A generator without its handle: what its loop and its body's task keep.
///
/// It belongs to its loop's thread, once it has one.
final class GeneratorCore<Element: Sendable, Input: Sendable>: LiveGenerator, @unchecked Sendable {
    // SAFETY: `home` is locked and the rest of the constants are immutable; everything else is touched on the thread of
    // the loop that `home` names, and only there: each entry asks `home` first.

    let name: String
    private let site: CreationSite
    private let context: Context
    private let home = GeneratorHome()

    private var machine = GeneratorMachine()
    /// Until the first `next()`.
    private var body: ((AsyncGenerator<Element, Input>.Yield) async throws -> Void)?
    private var task: Task<Void, Never>?
    private var consumer: Consumer?
    private var consumerCount: UInt64 = 0
    /// The body, while it waits at a `yield`.
    private var pendingYield: UnsafeContinuation<Input?, any Error>?
    private var closers: [UnsafeContinuation<Void, any Error>] = []
    private var endWaiters: [UnsafeContinuation<Void, Never>] = []
    private(set) var isGivenUp = false

    /// Someone who waits for an element.
    private struct Consumer {
        let number: UInt64
        let continuation: UnsafeContinuation<Element?, any Error>
    }

    init(
        name: String, site: CreationSite,
        body: sending @escaping (AsyncGenerator<Element, Input>.Yield) async throws -> Void
    ) {
        self.name = name
        self.site = site
        self.body = body
        context = Context.current.copy()
    }

    var createdAt: String { site.description }
    /// Where it lives, between its beginning and its end.
    var loop: EventLoop? { home.loop }

    // MARK: The consumer's side

    /// Runs the body to its next `yield`; nil when it has ended.
    func advance(_ step: GeneratorStep<Input>) async throws -> Element? {
        try Task.checkCancellation()
        guard let loop = try home.enter() else { return nil }
        consumerCount += 1
        let number = consumerCount
        return try await cancellableWait {
            begin(step, for: Consumer(number: number, continuation: $0), on: loop)
        } onCancel: {
            // By way of the loop even when on it: a cancellation may come before the wait has begun.
            try? loop.callSoonThreadSafe { [self] in cancelBody(for: number) }
        }
    }

    private func begin(_ step: GeneratorStep<Input>, for consumer: Consumer, on loop: EventLoop) {
        switch machine.requested(step.request) {
        case .startBody:
            self.consumer = consumer
            start(on: loop)
        case .resumeBody:
            self.consumer = consumer
            if let pendingYield = takePendingYield() { step.resume(pendingYield) }
        case .throwBack:
            body = nil
            home.leave()
            step.throwBack(to: consumer.continuation)
        case .end: consumer.continuation.resume(returning: nil)
        case .refuse(let error): consumer.continuation.resume(throwing: error)
        }
    }

    /// A consumer was cancelled: so is the body that it waits for.
    private func cancelBody(for number: UInt64) {
        if consumer?.number == number { task?.cancel() }
    }

    /// Brings the body to its end and waits for that, whatever becomes of the caller.
    func close() async throws {
        guard try home.enter() != nil else { return }
        try await withUnsafeThrowingContinuation { (closer: UnsafeContinuation<Void, any Error>) in
            switch machine.closeRequested() {
            case .exitBody:
                closers.append(closer)
                exitBody()
            case .waitForBody: closers.append(closer)
            case .done:
                body = nil
                home.leave()
                closer.resume()
            case .refuse(let error): closer.resume(throwing: error)
            }
        }
    }

    /// Nobody will ask for more.
    ///
    /// From any thread.
    func letGo() {
        guard let loop = home.loop else { return }
        guard !loop.isOnItsThread else { return closeUnattended() }
        try? loop.callSoonThreadSafe { [self] in closeUnattended() }
    }

    private func closeUnattended() {
        if machine.closeUnattended() { exitBody() }
    }

    private func exitBody() {
        takePendingYield()?.resume(throwing: GeneratorExit())
    }

    // MARK: The loop's side

    var isOpen: Bool { machine.isOpen }

    func shutDown() {
        closeUnattended()
        if consumer != nil { task?.cancel() }
    }

    func waitUntilEnded() async {
        guard machine.state != .finished, !isGivenUp else { return }
        await withUnsafeContinuation { endWaiters.append($0) }
    }

    func giveUp() {
        isGivenUp = true
        resumeEndWaiters()
    }

    func loopClosed() {
        home.loopClosed()
    }

    // MARK: The body's side

    private func start(on loop: EventLoop) {
        loop.register(self)
        // SAFETY: the one call of the body, which was sent here.
        nonisolated(unsafe) let body = body
        self.body = nil
        // Tasks that the body makes are listed below the task that began the generator.
        let entered = EnteredContext(context: context, task: Context.entered.task)
        task = Context.place.withValue(entered) {
            Task(name: name, executorPreference: loop) { [self] in
                do {
                    try await body?(AsyncGenerator.Yield(core: self))
                    bodyEnded(with: nil)
                } catch {
                    bodyEnded(with: error)
                }
            }
        }
    }

    /// Hands `element` over and waits until more is asked for.
    func yield(_ element: Element) async throws -> Input? {
        guard try home.enter() != nil else { throw AsyncGeneratorError.yieldOutOfTurn }
        return try await withUnsafeThrowingContinuation { continuation in
            switch machine.yielded() {
            case .deliver:
                pendingYield = continuation
                takeConsumer()?.resume(returning: element)
            case .deliverAndExit:
                takeConsumer()?.resume(returning: element)
                continuation.resume(throwing: GeneratorExit())
            case .refuse(let error): continuation.resume(throwing: error)
            case .strand: finish(with: AsyncGeneratorError.ignoredExit)
            }
        }
    }

    private func bodyEnded(with error: (any Error)?) {
        switch machine.bodyEnded() {
        case .answerConsumer:
            let result = error.map { Result<Element?, any Error>.failure($0) } ?? .success(nil)
            takeConsumer()?.resume(with: result)
            finish(with: nil)
        case .answerClosers(let hasIgnoredExit):
            finish(with: hasIgnoredExit ? AsyncGeneratorError.ignoredExit : error)
        case .releaseYield:
            takePendingYield()?.resume(throwing: AsyncGeneratorError.yieldOutOfTurn)
            finish(with: error)
        case .none: break
        }
    }

    /// Tells those who wait for the end, and the exception handler of an error that nobody waits for.
    private func finish(with error: (any Error)?) {
        let failure = error.flatMap { $0 is GeneratorExit ? nil : $0 }
        let closers = closers
        self.closers = []
        task = nil
        if let loop = home.loop {
            loop.unregister(self)
            if closers.isEmpty, let failure { loop.reportFailureOfClosing(self, failure) }
        }
        home.leave()
        for closer in closers { closer.resume(with: failure.map { .failure($0) } ?? .success(())) }
        resumeEndWaiters()
    }

    private func resumeEndWaiters() {
        let waiters = endWaiters
        endWaiters = []
        for waiter in waiters { waiter.resume() }
    }

    private func takeConsumer() -> UnsafeContinuation<Element?, any Error>? {
        defer { consumer = nil }
        return consumer?.continuation
    }

    private func takePendingYield() -> UnsafeContinuation<Input?, any Error>? {
        defer { pendingYield = nil }
        return pendingYield
    }
}
