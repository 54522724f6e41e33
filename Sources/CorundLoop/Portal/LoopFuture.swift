import Dispatch

/// The result, some time, of what was submitted to a loop with ``EventLoop/submit(name:context:fileID:line:_:)``: a
/// `concurrent.futures.Future`.
///
/// It may be used from any thread. Letting go of it does not end what was submitted; a failure that nobody has asked for
/// by then goes to the loop's exception handler.
public final class LoopFuture<Success: Sendable>: Sendable {
    private let promise: Promise<Success>
    private let record: TaskRecord
    private let failures: UnobservedFailures
    private let loop: ObjectIdentifier

    init(_ promise: Promise<Success>, _ record: TaskRecord, of loop: EventLoop) {
        self.promise = promise
        self.record = record
        self.failures = loop.unobservedFailures
        self.loop = ObjectIdentifier(loop)
    }

    deinit {
        if let report = record.note(.handleGone) { failures.add(report) }
    }

    /// For people; not unique.
    public var name: String { record.name }

    /// Whether it has ended, in whatever way.
    public var isDone: Bool { promise.result != nil }

    /// Waits for the end; gives the result or throws the error.
    ///
    /// - Throws: what was thrown on the loop; `CancellationError` when it was cancelled before it began;
    ///   ``EventLoopError/closed``.
    public var value: Success {
        get async throws {
            let result = await withUnsafeContinuation { continuation in
                _ = promise.whenEnded { continuation.resume(returning: $0) }
            }
            return try retrieved(result)
        }
    }

    /// Blocks the thread until the end; gives the result or throws the error.
    ///
    /// - Parameter timeout: how long to wait; zero or less only looks. nil: without limit.
    /// - Returns: the result.
    /// - Throws: as ``value``; ``EventLoopError/timedOut``, after which what was submitted goes on;
    ///   ``EventLoopError/waitOnOwnThread`` instead of a wait on the loop that has to do the work.
    @available(*, noasync, message: "this blocks the thread; await the value instead")
    public func wait(timeout: Duration? = nil) throws -> Success {
        if let result = promise.result { return try retrieved(result) }
        guard EventLoop.running.map(ObjectIdentifier.init) != loop else { throw EventLoopError.waitOnOwnThread }
        let ended = DispatchSemaphore(value: 0)
        let observer = promise.whenEnded { _ in ended.signal() }
        defer { promise.forget(observer) }
        _ = ended.wait(timeout: timeout.map { .now() + max($0, .zero).dispatchInterval } ?? .distantFuture)
        guard let result = promise.result else { throw EventLoopError.timedOut }
        return try retrieved(result)
    }

    /// Asks for the end: what has not begun never begins; otherwise its next cancellable wait throws
    /// `CancellationError`.
    public func cancel() {
        promise.cancel()
    }

    private func retrieved(_ result: Result<Success, any Error>) throws -> Success {
        do { return try result.get() } catch {
            _ = record.note(.observed)
            throw error
        }
    }
}

extension Duration {
    fileprivate var dispatchInterval: DispatchTimeInterval { .nanoseconds(Int(clampedNanoseconds)) }
}
