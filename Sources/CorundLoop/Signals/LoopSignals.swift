import CLinux

/// The signals that a loop handles.
///
/// The C handler counts deliveries, and the loop looks at the counts in each tick. A loop that sleeps must be woken: before
/// its first sleep it has the C handler write, too, to the descriptor by which other threads wake it. (Not at once: a run
/// that never waits needs no descriptor.)
final class LoopSignals {
    /// Kept for as long as the C handler may write to its descriptor.
    private let selector: any Selector
    private var handlers: [(signal: CInt, handle: Handle)] = []
    /// Whether each of the signals wakes the loop.
    private var allWake = true

    init(waking selector: any Selector) {
        self.selector = selector
    }

    deinit {
        // A loop that nobody closed: the C handler must not write to a descriptor that is about to go.
        restoreAll()
    }

    /// Tells the loops of the process apart; never followed.
    private var identity: UnsafeRawPointer { UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque()) }

    func add(_ signal: CInt, _ handle: Handle) throws {
        if let index = index(of: signal) {
            let replaced = handlers[index].handle
            handlers[index].handle = handle
            return replaced.cancel()
        }
        if corund_signal_taken(signal) {
            guard corund_signal_handler(signal) == nil else { throw EventLoopError.signalOfAnotherLoop(signal) }
            corund_signal_direct(signal, identity)
        } else {
            guard corund_signal_take(signal, identity, 0) == 0 else { throw EventLoopError.invalidSignal(signal) }
        }
        allWake = false
        handlers.append((signal, handle))
    }

    /// Whether a signal is handled for the program, and not for the runner's own ends.
    var areOfTheProgram: Bool { handlers.contains { !$0.handle.site.isOfTheLibrary } }

    func handler(of signal: CInt) -> Handle? { index(of: signal).map { handlers[$0].handle } }

    // By index, here and below, as a run on the main thread comes by twice: an element is a reference to count.
    private func index(of signal: CInt) -> Int? { handlers.indices.first { handlers[$0].signal == signal } }

    func remove(_ signal: CInt) -> Bool {
        guard let handle = take(signal) else { return false }
        // A second delivery that is in this tick's queue already must not call it any more.
        handle.cancel()
        return true
    }

    /// As ``remove(_:)``, and leaves it to the caller whether the handler can still be called.
    @discardableResult
    func take(_ signal: CInt) -> Handle? {
        guard let index = index(of: signal) else { return nil }
        corund_signal_leave(signal)
        return handlers.remove(at: index).handle
    }

    func restoreAll() {
        for (signal, _) in handlers { _ = remove(signal) }
    }

    /// Whether there were deliveries since the last call of ``takeDeliveries(_:)``.
    var arePending: Bool { handlers.indices.contains { corund_signal_pending(handlers[$0].signal) } }

    /// Gives the handlers to call now to `call`, one for each delivery.
    func takeDeliveries(_ call: (Handle) -> Void) {
        for (signal, handle) in handlers.sorted(by: { $0.signal < $1.signal }) {
            for _ in 0..<corund_signal_collect(signal) { call(handle) }
        }
    }

    /// Sees to it that a signal wakes the loop.
    ///
    /// - Returns: false when one has come meanwhile, and the loop must not sleep.
    func prepareToSleep() throws -> Bool {
        if !allWake {
            let descriptor = try selector.wakeDescriptor
            for (signal, _) in handlers { corund_signal_wake_by(signal, descriptor) }
            allWake = true
        }
        // One that came before the descriptor was known has written to none.
        return !arePending
    }
}

extension EventLoop {
    /// Calls `callback` on the loop at each delivery of `signal`, as `loop.add_signal_handler`.
    ///
    /// A sleeping loop is woken.
    ///
    /// A signal belongs to one loop of the process at a time.
    ///
    /// - Throws: ``EventLoopError/closed``, ``EventLoopError/invalidSignal(_:)``,
    ///   ``EventLoopError/signalOfAnotherLoop(_:)``.
    public func addSignalHandler(
        _ signal: CInt, context: Context? = nil, fileID: StaticString = #fileID, line: UInt = #line,
        _ callback: @escaping () throws -> Void
    ) throws {
        try setSignalHandler(
            signal, Handle(context: captured(context), site: CreationSite(fileID, line), callback: callback))
    }

    /// As ``addSignalHandler(_:context:_:)``, for who must know afterwards whether the handler is still theirs.
    package func setSignalHandler(_ signal: CInt, _ handle: Handle) throws {
        try checkUse()
        if signals == nil { signals = LoopSignals(waking: selector) }
        try signals?.add(signal, handle)
    }

    /// Ends ``addSignalHandler(_:context:fileID:line:_:)`` and puts back the disposition that was there before.
    ///
    /// A signal that was held (``Signals/hold(_:exitingAtDelivery:)``) is held again.
    ///
    /// - Returns: whether there was a handler.
    @discardableResult
    public func removeSignalHandler(_ signal: CInt) -> Bool {
        if refuses("removeSignalHandler(_:)") { return false }
        return signals?.remove(signal) ?? false
    }

    /// Ends ``setSignalHandler(_:_:)``, if nobody has replaced or removed `handle` since, which can then be set again.
    ///
    /// - Returns: whether it has ended that.
    package func takeSignalHandler(_ signal: CInt, ifStill handle: Handle) -> Bool {
        guard let signals, signals.handler(of: signal) === handle else { return false }
        signals.take(signal)
        return true
    }

    func collectSignals() {
        guard let signals, signals.arePending else { return }
        signals.takeDeliveries { appendReady(.handle($0)) }
    }
}
