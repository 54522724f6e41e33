extension EventLoop {
    /// Waits until `descriptor` can be read, is at its end, or is broken.
    ///
    /// To be called on the loop. There is one wait or one reader for a descriptor at a time: a second would take the
    /// first one's data away. Call ``unwatch(_:)`` before the descriptor is closed; of a close that it does not know the
    /// kernel tells nobody, and the wait would not end.
    ///
    /// - Parameters:
    ///   - descriptor: what to wait for.
    ///   - fileID: where the call is, for messages about the wait.
    ///   - line: where the call is, for messages about the wait.
    /// - Throws: `CancellationError` as soon as the task is cancelled; ``EventLoopError/descriptorBusy(_:)``;
    ///   ``EventLoopError/descriptorClosed(_:)``; ``SystemCallError`` for a descriptor that cannot be watched;
    ///   ``EventLoopError/wrongThread``; ``EventLoopError/closed``, also when the loop is closed meanwhile.
    public func waitReadable(
        _ descriptor: CInt, fileID: StaticString = #fileID, line: UInt = #line
    ) async throws {
        try await wait(for: descriptor, \.reader, CreationSite(fileID, line))
    }

    /// Waits until `descriptor` can be written, or is broken; see ``waitReadable(_:fileID:line:)``.
    public func waitWritable(
        _ descriptor: CInt, fileID: StaticString = #fileID, line: UInt = #line
    ) async throws {
        try await wait(for: descriptor, \.writer, CreationSite(fileID, line))
    }

    private func wait(
        for descriptor: CInt, _ slot: WritableKeyPath<Watch, Handle?>, _ site: CreationSite
    ) async throws {
        try checkOnItsThread()
        let wait = DescriptorWait(for: descriptor, slot, on: self, site: site)
        try await cancellableWait {
            wait.start($0)
        } onCancel: {
            wait.cancelFromAnyThread()
        }
    }
}

/// One wait: ends when the descriptor is ready, by cancellation, or when the descriptor is no longer watched.
private final class DescriptorWait: @unchecked Sendable {
    // SAFETY: state is read and changed on the loop's thread alone; `cancelFromAnyThread` hands over to it.
    private enum State {
        case new
        case waiting(UnsafeContinuation<Void, any Error>)
        case done
    }

    private let loop: EventLoop
    private let descriptor: CInt
    private let slot: WritableKeyPath<Watch, Handle?>
    private let site: CreationSite
    private var state = State.new

    init(for descriptor: CInt, _ slot: WritableKeyPath<Watch, Handle?>, on loop: EventLoop, site: CreationSite) {
        self.site = site
        self.loop = loop
        self.descriptor = descriptor
        self.slot = slot
    }

    func start(_ continuation: UnsafeContinuation<Void, any Error>) {
        guard case .new = state else { return continuation.resume(throwing: CancellationError()) }
        do {
            let handle = WaitHandle(
                site: site, whenReady: { [self] in finish(.success(())) }, whenUnwatched: { [self] in unwatched() })
            try loop.watch(descriptor, slot, with: handle)
            state = .waiting(continuation)
        } catch {
            state = .done
            continuation.resume(throwing: error)
        }
    }

    /// A cancellation may come before the wait has begun, and from any thread.
    func cancelFromAnyThread() {
        if loop.isOnItsThread { cancel() } else { try? loop.callSoonThreadSafe { [self] in cancel() } }
    }

    private func cancel() {
        finish(.failure(CancellationError()))
    }

    private func unwatched() {
        finish(.failure(loop.isClosed ? EventLoopError.closed : .descriptorClosed(descriptor)))
    }

    private func finish(_ result: Result<Void, any Error>) {
        let before = state
        state = .done
        guard case .waiting(let continuation) = before else { return }
        loop.unwatch(descriptor, slot)
        continuation.resume(with: result)
    }
}

/// Stands for a wait among the handlers of a descriptor, and hears when it is taken out.
final class WaitHandle: Handle {
    private var whenUnwatched: (() -> Void)?

    init(site: CreationSite, whenReady: @escaping () -> Void, whenUnwatched: @escaping () -> Void) {
        self.whenUnwatched = whenUnwatched
        super.init(context: nil, site: site, callback: whenReady)
    }

    override func cancel() {
        super.cancel()
        let tell = whenUnwatched
        whenUnwatched = nil
        tell?()
    }
}
