import CLinux
import Glibc

/// The signals that a loop handles.
///
/// The C handler counts deliveries and writes to an eventfd; the loop reads it.
final class LoopSignals {
    private let descriptor: Descriptor
    private var handlers: [CInt: Handle] = [:]

    init() throws(SystemCallError) {
        descriptor = Descriptor(
            owning: try SystemCallError.check(
                eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK)), "eventfd"))
    }

    deinit {
        // A loop that nobody closed: the C handler must not write to a descriptor that is about to go.
        restoreAll()
    }

    var number: CInt { descriptor.number }

    func add(_ signal: CInt, _ handle: Handle) throws {
        if corund_signal_taken(signal) {
            guard [-1, number].contains(corund_signal_eventfd(signal)) else {
                throw EventLoopError.signalOfAnotherLoop(signal)
            }
            corund_signal_direct(signal, number)
            if corund_signal_pending(signal) { wake() }  // for what was counted before
        } else {
            guard corund_signal_take(signal, number, 0) == 0 else { throw EventLoopError.invalidSignal(signal) }
        }
        handlers.updateValue(handle, forKey: signal)?.cancel()
    }

    /// Whether a signal is handled for the program, and not for the runner's own ends.
    var areOfTheProgram: Bool { handlers.values.contains { !$0.site.isOfTheLibrary } }

    func handler(of signal: CInt) -> Handle? { handlers[signal] }

    func remove(_ signal: CInt) -> Bool {
        guard let handle = handlers.removeValue(forKey: signal) else { return false }
        corund_signal_leave(signal)
        // A second delivery that is in this tick's queue already must not call it any more.
        handle.cancel()
        return true
    }

    func restoreAll() {
        for signal in Array(handlers.keys) { _ = remove(signal) }
    }

    /// The handlers to call now, one for each delivery.
    func deliveries() -> [Handle] {
        var count: UInt64 = 0
        _ = read(number, &count, MemoryLayout<UInt64>.size)
        return handlers.sorted { $0.key < $1.key }.flatMap { signal, handle in
            Array(repeating: handle, count: Int(corund_signal_collect(signal)))
        }
    }

    private func wake() {
        var one: UInt64 = 1
        _ = write(number, &one, MemoryLayout<UInt64>.size)
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
    ///   ``EventLoopError/signalOfAnotherLoop(_:)``, or ``SystemCallError``.
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
        let signals = try signals ?? watchSignals()
        try signals.add(signal, handle)
    }

    /// Ends ``addSignalHandler(_:context:fileID:line:_:)`` and puts back the disposition that was there before.
    ///
    /// A signal that was held (``Signals/hold(_:exitingAtDelivery:)``) is held again.
    ///
    /// - Returns: whether there was a handler.
    @discardableResult
    public func removeSignalHandler(_ signal: CInt) -> Bool {
        signals?.remove(signal) ?? false
    }

    /// Ends ``setSignalHandler(_:_:)``, if nobody has replaced or removed `handle` since.
    package func removeSignalHandler(_ signal: CInt, ifStill handle: Handle) {
        if signals?.handler(of: signal) === handle { removeSignalHandler(signal) }
    }

    private func watchSignals() throws -> LoopSignals {
        let signals = try LoopSignals()
        try addReader(signals.number) { [unowned self, unowned signals] in
            for handle in signals.deliveries() { appendReady(.handle(handle)) }
        }
        self.signals = signals
        return signals
    }
}
