/// A callback on its way: what `callSoon` and its relatives return, as `asyncio.Handle`.
///
/// A handle belongs to its loop's thread, like everything on a loop.
public class Handle {
    private var callback: (() throws -> Void)?
    private let context: EnteredContext?
    /// Where it was handed in.
    final let site: CreationSite

    init(context: EnteredContext?, site: CreationSite, callback: @escaping () throws -> Void) {
        self.context = context
        self.site = site
        self.callback = callback
    }

    /// A callback that runs in no context of its own.
    package convenience init(
        fileID: StaticString = #fileID, line: UInt = #line, _ callback: @escaping () throws -> Void
    ) {
        self.init(context: nil, site: CreationSite(fileID, line), callback: callback)
    }

    /// Whether ``cancel()`` was called.
    public final var isCancelled: Bool { callback == nil }

    /// Keeps the callback from being called, and lets go of it.
    ///
    /// Does nothing the second time.
    public func cancel() {
        // What the callback kept alive may come back here from its `deinit`: the property must not be being changed.
        let dropped = callback
        callback = nil
        withExtendedLifetime(dropped) {}
    }

    /// Calls the callback, in the context that was current when it was handed in.
    func run() throws {
        guard let callback else { return }
        guard let context else { return try callback() }
        // Not in the contexts around it as well: a callback begins a chain of calls of its own.
        try Context.place.withValue(context) { try callback() }
    }
}

/// A callback that waits for its time: what `callLater` and `callAt` return, as `asyncio.TimerHandle`.
public class TimerHandle: Handle, KeyedHeapElement {
    /// When the callback is due.
    public final let deadline: LoopTime
    @usableFromInline package final var heapIndex: Int32?
    @usableFromInline package internal(set) final var rank: UInt64 = 0
    /// Set while the timer waits. (A weak reference would do, at the price of a side table for the loop, which makes
    /// every other reference to it slow.)
    private var loop: EventLoop?

    init(
        deadline: LoopTime, loop: EventLoop, context: EnteredContext?, site: CreationSite,
        callback: @escaping () throws -> Void
    ) {
        self.deadline = deadline
        self.loop = loop
        super.init(context: context, site: site, callback: callback)
    }

    /// Takes the timer out of its loop at once, so that a cancelled timer costs no memory.
    public override func cancel() {
        super.cancel()
        loop?.remove(self)
        loop = nil
    }

    /// Nothing will bring it in any more.
    func loopClosed() {
        cancel()
    }

    /// The timer waits no more.
    final func becameDue() {
        loop = nil
    }
}
