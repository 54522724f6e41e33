@_exported public import CorundLoop

/// Runs many top-level async functions, one after another, in one event loop and one context: Swift's counterpart to
/// Python's `asyncio.Runner`.
///
///     let runner = Runner()
///     let answer = try runner.run { await ask() }
///     try runner.run { await tell(answer) }
///     try runner.close()
///
/// A runner belongs to the thread that made it. Nothing is built before the first
/// ``run(context:handlingInterrupts:fileID:line:_:)``, ``loop`` or ``with(debug:loopFactory:_:)``.
public final class Runner {
    /// Makes the loop of a runner; called once, without arguments.
    public typealias LoopFactory = () throws -> EventLoop

    enum State {
        case created
        case open(loop: EventLoop, context: Context)
        case closed
    }

    var state = State.created
    private let debug: Bool?
    let loopFactory: LoopFactory?
    /// As the last run had it; ``close(taskTimeout:generatorTimeout:poolTimeout:)`` does alike.
    var handlingInterrupts: Bool?
    /// There from the first run on that handles interrupts, to the close.
    var interrupts: Interrupts?

    /// A runner that has built nothing yet.
    ///
    /// - Parameters:
    ///   - debug: the loop's debug mode; nil leaves it as the environment (`CORUND_DEBUG`) or the factory has it.
    ///   - loopFactory: makes the loop, which is then used as it is; when absent, a new ``EventLoop`` becomes the
    ///     thread's current one until ``close(taskTimeout:generatorTimeout:poolTimeout:)``.
    public init(debug: Bool? = nil, loopFactory: LoopFactory? = nil) {
        self.debug = debug
        self.loopFactory = loopFactory
    }

    /// The scoped form, Python's `with Runner() as runner:`.
    ///
    /// The loop is there when `body` begins, and closed when it has ended, normally or by an error.
    ///
    /// - Throws: what the factory, `body` or the close throws; an error of `body` wins over one of the close;
    ///   ``RunnerError/alreadyRunning`` inside a running loop, where it could not be closed, without calling `body`.
    public static func with<Result>(
        debug: Bool? = nil, loopFactory: LoopFactory? = nil, _ body: (Runner) throws -> Result
    ) throws -> Result {
        guard EventLoop.running == nil else { throw RunnerError.alreadyRunning }
        let runner = Runner(debug: debug, loopFactory: loopFactory)
        _ = try runner.opened()
        let result: Result
        do { result = try body(runner) } catch {
            try? runner.close()
            throw error
        }
        try runner.close()
        return result
    }

    /// The runner's loop, built if need be, as `Runner.get_loop()`.
    ///
    /// - Throws: ``RunnerError/closed``, or what the factory throws.
    public var loop: EventLoop {
        get throws { try opened().loop }
    }

    /// The context that runs share, built if need be: a copy of the one that was current then.
    ///
    /// - Throws: ``RunnerError/closed``, or what the loop factory throws.
    public var context: Context {
        get throws { try opened().context }
    }

    /// Runs `body` to its end on the loop, as `Runner.run(coro)`, and gives back what it returns.
    ///
    /// A run on the main thread serves `@MainActor` code too, unless a task of the main actor is what called it (as an
    /// async `main` is): that keeps the actor busy until the run has ended.
    ///
    /// Of a run that handles interrupts, the first SIGINT cancels the body and the second ends the wait for it: then the
    /// run throws, and the body, which is a task like any other by then, is left to the next run or to the close. What was
    /// done with SIGINT before is done again afterwards, unless someone else has changed it meanwhile. Code that keeps
    /// the loop from turning cannot be interrupted (SIGQUIT ends such a process); the run throws when such a body has
    /// returned.
    ///
    /// - Parameters:
    ///   - context: used in place; the runner's own when absent, so that one run sees what an earlier one set.
    ///   - handlingInterrupts: whether SIGINT is the run's matter; when absent, it is on the main thread while SIGINT has
    ///     its default disposition. To take it over and to put it back are two system calls, which is more than the rest of
    ///     a short run; a program that holds it (``Signals/hold(_:exitingAtDelivery:)``) and says `true` here goes without.
    ///   - fileID: where the run is, for messages about its body.
    ///   - line: where the run is, for messages about its body.
    ///   - body: the top-level async function.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, unchanged; ``RunnerError/alreadyRunning`` inside a running loop, without running
    ///   `body`; ``RunnerError/stoppedBeforeCompletion``; ``RunnerError/interrupted`` when `body` ended by the
    ///   cancellation that the first SIGINT brought, when it returned without a wait in which it could have heard of that,
    ///   and at the second; ``RunnerError/interruptsHandledElsewhere``;
    ///   ``RunnerError/closed``; what the loop factory throws.
    @available(*, noasync, message: "a runner blocks its thread; await the function instead")
    @inlinable
    public func run<Result>(
        context: Context? = nil, handlingInterrupts: Bool? = nil, fileID: StaticString = #fileID, line: UInt = #line,
        _ body: sending @escaping () async throws -> sending Result
    ) throws -> Result {
        // SAFETY: written on the loop, which runs on this thread.
        nonisolated(unsafe) var result: Result?
        // SAFETY: the caller sent it to us, and the one task that `runToEnd` has started is all that calls it.
        nonisolated(unsafe) let body = body
        try runToEnd(context, handlingInterrupts, fileID, line) { loop, main in
            try loop.start(main, body) { result = $0 }
        }
        guard let result else { preconditionFailure("a body that has not thrown has returned") }
        return result
    }

    /// Starts the task of a run's body; compiled in the caller's module, for the type of what the body returns.
    @usableFromInline
    typealias BodyStart = (EventLoop, TaskRecord) throws -> Void

    /// All of a run that does not depend on what it returns, and so need not be compiled again in the caller's module.
    @usableFromInline
    func runToEnd(
        _ context: Context?, _ handlingInterrupts: Bool?, _ fileID: StaticString, _ line: UInt, _ start: BodyStart
    ) throws {
        guard EventLoop.running == nil else { throw RunnerError.alreadyRunning }
        let open = try opened()
        self.handlingInterrupts = handlingInterrupts
        let hold = try InterruptHold.take(wanted: handlingInterrupts)
        defer { hold?.release() }
        let main = TaskRecord(in: context ?? open.context, role: .main, fileID: fileID, line: line)
        let interrupts = hold == nil ? nil : try beginInterrupts(of: main, on: open.loop)
        let ended = Result { try open.loop.run(main) { try start(open.loop, main) } }
        interrupts?.end()
        if main.isLive { main.handleIsGone() }
        try ended.get()
        let failure = main.isLive ? RunnerError.stoppedBeforeCompletion : main.failure
        if let failure = interrupts.map({ $0.count.meaning(of: failure) }) ?? failure { throw failure }
    }

    private func beginInterrupts(of body: TaskRecord, on loop: EventLoop) throws -> Interrupts {
        let interrupts = interrupts ?? Interrupts(on: loop)
        self.interrupts = interrupts
        try interrupts.begin(body)
        return interrupts
    }

    /// Makes a loop, runs `body` in it and closes it, on every path: Python's `asyncio.run`.
    ///
    /// Handles interrupts as ``run(context:handlingInterrupts:fileID:line:_:)``; those that come while the loop is closed
    /// change nothing.
    ///
    /// - Throws: what `body` throws; ``RunnerError/oneShotInsideRunningLoop``; what the run throws otherwise.
    @available(*, noasync, message: "a runner blocks its thread; await the function instead")
    @inlinable
    public static func run<Result>(
        debug: Bool? = nil, handlingInterrupts: Bool? = nil, loopFactory: LoopFactory? = nil,
        fileID: StaticString = #fileID, line: UInt = #line,
        _ body: sending @escaping () async throws -> sending Result
    ) throws -> Result {
        // SAFETY: of both, as in the other form.
        nonisolated(unsafe) var result: Result?
        nonisolated(unsafe) let body = body
        try runOnce(debug, handlingInterrupts, loopFactory, fileID, line) { loop, main in
            try loop.start(main, body) { result = $0 }
        }
        guard let result else { preconditionFailure("a body that has not thrown has returned") }
        return result
    }

    @usableFromInline
    static func runOnce(
        _ debug: Bool?, _ handlingInterrupts: Bool?, _ loopFactory: LoopFactory?, _ fileID: StaticString, _ line: UInt,
        _ start: BodyStart
    ) throws {
        guard EventLoop.running == nil else { throw RunnerError.oneShotInsideRunningLoop }
        let hold = try InterruptHold.take(wanted: handlingInterrupts)
        defer { hold?.release() }
        let runner = Runner(debug: debug, loopFactory: loopFactory)
        do { try runner.runToEnd(nil, hold != nil, fileID, line, start) } catch {
            try? runner.close()
            throw error
        }
        try runner.close()
    }

    private func opened() throws -> (loop: EventLoop, context: Context) {
        switch state {
        case .open(let loop, let context): return (loop, context)
        case .closed: throw RunnerError.closed
        case .created:
            let loop = try loopFactory?() ?? EventLoop()
            if let debug { loop.isDebugging = debug }
            if MainQueue.isOnMainThread { loop.serveMainQueue() }
            if loopFactory == nil { loop.makeCurrent() }
            let context = Context.current.copy()
            state = .open(loop: loop, context: context)
            return (loop, context)
        }
    }
}
