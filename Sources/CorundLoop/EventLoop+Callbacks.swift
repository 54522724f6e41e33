extension EventLoop {
    /// Calls `callback` in the next tick, as `loop.call_soon`.
    ///
    /// Callbacks keep their order.
    ///
    /// - Parameters:
    ///   - context: what to run it in; the current one when absent.
    ///   - fileID: where the call is, for messages about the callback.
    ///   - line: where the call is, for messages about the callback.
    ///   - callback: an error that it throws goes to the exception handler.
    /// - Returns: a handle with which to cancel it.
    /// - Throws: ``EventLoopError/closed``; in debug mode ``EventLoopError/wrongThread`` on another thread than the running
    ///   loop's.
    @discardableResult
    public func callSoon(
        context: Context? = nil, fileID: StaticString = #fileID, line: UInt = #line,
        _ callback: @escaping () throws -> Void
    ) throws -> Handle {
        try checkUse()
        let handle = Handle(context: captured(context), site: CreationSite(fileID, line), callback: callback)
        appendReady(.handle(handle))
        return handle
    }

    /// Calls `callback` on the loop, soon, from any thread, as `loop.call_soon_threadsafe`; wakes the loop if it sleeps.
    ///
    /// - Throws: ``EventLoopError/closed``; otherwise the loop has the callback, and runs it unless it is closed first.
    public func callSoonThreadSafe(
        context: Context? = nil, fileID: StaticString = #fileID, line: UInt = #line,
        _ callback: @escaping @Sendable () throws -> Void
    ) throws {
        let handle = Handle(context: captured(context), site: CreationSite(fileID, line), callback: callback)
        guard push(.handle(handle)) else { throw EventLoopError.closed }
    }

    /// Calls `callback` after `delay`, as `loop.call_later`.
    ///
    /// Zero and negative delays are due at once.
    ///
    /// - Throws: as ``callSoon(context:fileID:line:_:)``.
    @discardableResult
    public func callLater(
        _ delay: Duration, context: Context? = nil, fileID: StaticString = #fileID, line: UInt = #line,
        _ callback: @escaping () throws -> Void
    ) throws -> TimerHandle {
        try callAt(now + max(delay, .zero), context: context, fileID: fileID, line: line, callback)
    }

    /// Calls `callback` at `deadline`, never before, as `loop.call_at`.
    ///
    /// Equal deadlines keep their order.
    ///
    /// - Throws: as ``callSoon(context:fileID:line:_:)``.
    @discardableResult
    public func callAt(
        _ deadline: LoopTime, context: Context? = nil, fileID: StaticString = #fileID, line: UInt = #line,
        _ callback: @escaping () throws -> Void
    ) throws -> TimerHandle {
        let timer = TimerHandle(
            deadline: deadline, loop: self, context: captured(context), site: CreationSite(fileID, line),
            callback: callback)
        try add(timer)
        return timer
    }

    func add(_ timer: TimerHandle) throws {
        try checkUse()
        timers.insert(timer)
    }

    func remove(_ timer: TimerHandle) {
        timers.remove(timer)
    }

    /// What belongs to the loop's thread begins with this.
    ///
    /// A loop that does not run belongs to whichever thread uses it. (asyncio checks timers and callbacks alone, but the
    /// other ways in are just as little made for two threads.)
    ///
    /// - Throws: ``EventLoopError/closed``; in debug mode ``EventLoopError/wrongThread``.
    func checkUse() throws {
        guard phase != .closed else { throw EventLoopError.closed }
        if isUsedByAnotherThread { throw EventLoopError.wrongThread }
    }

    /// As ``checkUse()``, for what cannot throw: in debug mode a call on another thread is not done, and reported.
    func refuses(_ call: StaticString) -> Bool {
        guard isUsedByAnotherThread else { return false }
        let message = "\(call) is for the event loop's own thread, and was not done on another one"
        let refusal = ExceptionReport(message: message)
        _ = push(.handle(Handle { [unowned self] in report(refusal) }))
        return true
    }

    /// Whether the caller is where nobody but the running loop should be; looked at in debug mode alone.
    private var isUsedByAnotherThread: Bool { isDebugging && phase == .running && !isOnItsThread }

    /// The context a callback is to run in; nil where there is none to restore.
    func captured(_ context: Context?) -> EnteredContext? {
        context.map { EnteredContext(context: $0) } ?? Context.entered.forCallback
    }
}
