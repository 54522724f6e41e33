/// A generator without its handle, and without its types: what its loop and its body's task keep.
///
/// (Code for any type is slow. The handle's, which is compiled for its types where it is used, puts the values into
/// ``GeneratorInput`` and ``GeneratorConsumer``, and takes them out.) It belongs to its loop's thread, once it has one.
@usableFromInline
final class GeneratorCore: LiveGenerator, @unchecked Sendable {
    // SAFETY: `home` is locked and the rest of the constants are immutable; everything else is touched on the thread of
    // the loop that `home` names, and only there: each entry asks `home` first.

    let name: String
    private let site: CreationSite
    private let context: Context
    private let home = GeneratorHome()

    private var machine = GeneratorMachine()
    /// Until the first `next()`.
    private var body: ((GeneratorCore) async throws -> Void)?
    private var task: Task<Void, Never>?
    private var consumer: GeneratorWait?
    /// For the next one who asks: there is hardly ever more than one at a time.
    private var idleConsumer: GeneratorWait?
    /// How many consumers there have been.
    private var step: UInt64 = 0
    /// Where the body waits at a `yield`.
    private var bodyWait: GeneratorWait?
    private var closers: [UnsafeContinuation<Void, any Error>] = []
    private var endWaiters: [UnsafeContinuation<Void, Never>] = []
    private(set) var isGivenUp = false

    @usableFromInline
    init(
        name: String, fileID: StaticString, line: UInt, body: sending @escaping (GeneratorCore) async throws -> Void
    ) {
        self.name = name
        site = CreationSite(fileID, line)
        self.body = body
        context = Context.current.copy()
    }

    var createdAt: String { site.description }
    /// Where it lives, between its beginning and its end.
    var loop: EventLoop? { home.loop }

    // MARK: The consumer's side

    /// The generator's loop; nil when it has ended.
    @usableFromInline
    func enter() throws -> EventLoop? {
        try Task.checkCancellation()
        return try home.enter()
    }

    @usableFromInline
    func takeIdleConsumer() -> GeneratorWait? {
        idleConsumer.take()
    }

    /// Takes what was used for one step, for another one.
    @usableFromInline
    func giveBack(_ consumer: GeneratorWait) {
        // What has ended must not keep the loop; and an actor that is busy elsewhere takes its task along to that thread.
        if consumer.loop.isOnItsThread, machine.state != .finished { idleConsumer = consumer }
    }

    /// Runs the body to its next `yield`, which hands something over to `consumer`, or to its end.
    ///
    /// The pending `yield` throws `error`, if that is there; `send` is called when there is one that returns.
    @usableFromInline
    func advance(
        _ request: GeneratorMachine.Request, for consumer: GeneratorWait, raising error: (any Error)? = nil,
        send: () -> Void = {}
    ) async throws {
        switch machine.requested(request) {
        case .startBody:
            begin(for: consumer)
            start(on: consumer.loop)
        case .resumeBody:
            begin(for: consumer)
            send()
            // As a part of the consumer's own piece where that can be, which is much faster, and what asyncio does.
            letBodyGoOn(throwing: error, atOnce: true)
            if try consumer.takeEnd() { return }
        case .throwBack:
            body = nil
            home.leave()
            if let error { throw error }
            return
        case .end: return
        case .refuse(let refusal): throw refusal
        }
        try await consumer.untilEnd { [step] in
            // By way of the loop even when on it: a cancellation may come before the wait has begun.
            try? consumer.loop.callSoonThreadSafe { [self] in cancelBody(atStep: step) }
        }
    }

    private func begin(for consumer: GeneratorWait) {
        step += 1
        self.consumer = consumer
    }

    /// A consumer was cancelled: so is the body that it waits for.
    private func cancelBody(atStep step: UInt64) {
        if consumer != nil, self.step == step { task?.cancel() }
    }

    /// Brings the body to its end and waits for that, whatever becomes of the caller.
    func close() async throws {
        guard let loop = try home.enter() else { return }
        try await withUnsafeThrowingContinuation { (closer: UnsafeContinuation<Void, any Error>) in
            // As late as here, optimised code takes a task that is to run elsewhere there.
            guard loop.isOnItsThread else { return closer.resume(throwing: EventLoopError.wrongThread) }
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
        letBodyGoOn(throwing: GeneratorExit())
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
                    try await body?(self)
                    bodyEnded(with: nil)
                } catch {
                    bodyEnded(with: error)
                }
            }
        }
    }

    /// Has `handOver` give the consumer an element, and waits until more is asked for.
    @usableFromInline
    func yield(_ handOver: (GeneratorWait) -> Void) async throws {
        guard let loop = try home.enter() else { throw AsyncGeneratorError.yieldOutOfTurn }
        switch machine.yielded() {
        case .deliver:
            let place = place(on: loop)
            letConsumerGoOn(handOver)
            try await place.untilEnd()
        case .deliverAndExit:
            letConsumerGoOn(handOver)
            throw GeneratorExit()
        case .refuse(let error): throw error
        case .strand:
            finish(with: AsyncGeneratorError.ignoredExit)
            try await GeneratorWait(on: loop).untilEnd()  // which nobody ends
        }
    }

    /// Where a `yield` waits: another place than the last one did that another task of the body has not come back from.
    private func place(on loop: EventLoop) -> GeneratorWait {
        if let bodyWait, !bodyWait.hasEnded { return bodyWait }
        let place = GeneratorWait(on: loop, isPreferred: true)
        bodyWait = place
        return place
    }

    private func letBodyGoOn(throwing error: (any Error)?, atOnce: Bool = false) {
        bodyWait?.end(throwing: error, atOnce: atOnce)
    }

    private func letConsumerGoOn(throwing error: (any Error)? = nil, _ handOver: (GeneratorWait) -> Void = { _ in }) {
        guard let consumer = consumer.take() else { return }
        handOver(consumer)
        consumer.end(throwing: error)
    }

    private func bodyEnded(with error: (any Error)?) {
        switch machine.bodyEnded() {
        case .answerConsumer:
            letConsumerGoOn(throwing: error)
            finish(with: nil)
        case .answerClosers(let hasIgnoredExit):
            finish(with: hasIgnoredExit ? AsyncGeneratorError.ignoredExit : error)
        case .releaseYield:
            letBodyGoOn(throwing: AsyncGeneratorError.yieldOutOfTurn)
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
        bodyWait = nil
        idleConsumer = nil
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
}
