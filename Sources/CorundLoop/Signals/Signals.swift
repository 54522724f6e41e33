import CLinux

/// Signals of the process, as far as they are not a loop's matter.
public enum Signals {
    /// Counts `signal` from now on instead of its default action, so that one that comes before a loop handles it is
    /// not lost: the loop's handler is called for it as soon as there is one.
    ///
    /// - Parameters:
    ///   - signal: such as `SIGTERM`.
    ///   - exitingAtDelivery: at which delivery the process ends at once, from inside the signal handler, so that it
    ///     does so even when the loop is wedged; nil, or less than one: never. The status is 128 plus the signal.
    /// - Throws: ``EventLoopError/invalidSignal(_:)``.
    public static func hold(_ signal: CInt, exitingAtDelivery: Int? = nil) throws {
        guard corund_signal_take(signal, nil, CUnsignedInt(clamping: exitingAtDelivery ?? 0)) == 0 else {
            throw EventLoopError.invalidSignal(signal)
        }
    }

    /// Holds `signal` if it does what it does in a process that never said anything of it.
    ///
    /// - Returns: whether it did.
    /// - Throws: ``EventLoopError/invalidSignal(_:)``.
    package static func holdIfDefault(_ signal: CInt) throws -> Bool {
        let result = corund_signal_take_default(signal)
        guard result >= 0 else { throw EventLoopError.invalidSignal(signal) }
        return result == 1
    }

    /// Ends ``hold(_:exitingAtDelivery:)``: puts back the disposition that was there before, unless someone else has
    /// changed it since, or a loop handles the signal; then the end of its handler does.
    package static func release(_ signal: CInt) {
        corund_signal_release(signal)
    }

    /// Forgets the deliveries so far, as far as ``hold(_:exitingAtDelivery:)`` counts them for the process's end.
    package static func countAnew(_ signal: CInt) {
        corund_signal_count_anew(signal)
    }

    /// Whether `signal` is counted instead of doing what it did before.
    package static func isTaken(_ signal: CInt) -> Bool { corund_signal_taken(signal) }

    /// How often `signal` was delivered that is held and no loop has handled; then that is forgotten.
    package static func takeDeliveries(of signal: CInt) -> Int { Int(corund_signal_collect(signal)) }

    /// Whether this process ignores `signal`, as whoever has started it may have wanted.
    package static func isIgnored(_ signal: CInt) -> Bool { corund_signal_ignored(signal) }

    /// Whether a loop of the process handles `signal`.
    package static func isHandled(_ signal: CInt) -> Bool { corund_signal_handler(signal) != nil }
}
