/// What the loop does when a descriptor is ready.
struct Watch {
    var reader: Handle?
    var writer: Handle?
    var hangUp: Handle?

    var interest: Readiness {
        var interest: Readiness = []
        if reader != nil { interest.insert(.readable) }
        if writer != nil { interest.insert(.writable) }
        if hangUp != nil { interest.insert(.hungUp) }
        return interest
    }

    /// Whether anything of it is there for the program, and not for the loop's own ends.
    var isOfTheProgram: Bool {
        [reader, writer, hangUp].contains { $0?.site.isOfTheLibrary == false }
    }

    func appendHandles(for readiness: Readiness, to ready: inout TickQueue) {
        if readiness.contains(.readable), let reader { ready.append(.handle(reader)) }
        if readiness.contains(.writable), let writer { ready.append(.handle(writer)) }
        if readiness.contains(.hungUp), let hangUp { ready.append(.handle(hangUp)) }
    }
}

extension EventLoop {
    /// Whether the program waits for a descriptor or a signal; those of the loop's own ends do not count.
    var waitsForDescriptors: Bool {
        watches.values.contains(where: \.isOfTheProgram) || signals?.areOfTheProgram == true
    }

    /// Calls `callback` in each tick in which `descriptor` can be read, as `loop.add_reader`.
    ///
    /// Replaces the reader that was there. Remove it before the descriptor is closed.
    ///
    /// - Throws: ``EventLoopError/descriptorBusy(_:)`` while a ``waitReadable(_:fileID:line:)`` waits; ``EventLoopError/closed``;
    ///   ``SystemCallError`` for a descriptor that cannot be watched.
    public func addReader(
        _ descriptor: CInt, context: Context? = nil, fileID: StaticString = #fileID, line: UInt = #line,
        _ callback: @escaping () throws -> Void
    ) throws {
        let handle = Handle(context: captured(context), site: CreationSite(fileID, line), callback: callback)
        try watch(descriptor, \.reader, with: handle)
    }

    /// Calls `callback` in each tick in which `descriptor` can be written, as `loop.add_writer`; see
    /// ``addReader(_:context:fileID:line:_:)``.
    public func addWriter(
        _ descriptor: CInt, context: Context? = nil, fileID: StaticString = #fileID, line: UInt = #line,
        _ callback: @escaping () throws -> Void
    ) throws {
        let handle = Handle(context: captured(context), site: CreationSite(fileID, line), callback: callback)
        try watch(descriptor, \.writer, with: handle)
    }

    /// Calls `callback` when the other side of `descriptor` is gone in both directions, whether or not it is read.
    package func addHangUpHandler(
        _ descriptor: CInt, fileID: StaticString = #fileID, line: UInt = #line,
        _ callback: @escaping () throws -> Void
    ) throws {
        let handle = Handle(context: captured(nil), site: CreationSite(fileID, line), callback: callback)
        try watch(descriptor, \.hangUp, with: handle)
    }

    /// Ends ``addReader(_:context:fileID:line:_:)``, also from inside a handler.
    public func removeReader(_ descriptor: CInt) {
        if refuses("removeReader(_:)") || watches[descriptor]?.reader is WaitHandle { return }
        unwatch(descriptor, \.reader)
    }

    /// Ends ``addWriter(_:context:fileID:line:_:)``, also from inside a handler.
    public func removeWriter(_ descriptor: CInt) {
        if refuses("removeWriter(_:)") || watches[descriptor]?.writer is WaitHandle { return }
        unwatch(descriptor, \.writer)
    }

    /// Ends all watching of `descriptor`; to be called before it is closed.
    ///
    /// Whoever waits for it gets ``EventLoopError/descriptorClosed(_:)``.
    public func unwatch(_ descriptor: CInt) {
        if refuses("unwatch(_:)") { return }
        for slot in [\Watch.reader, \.writer, \.hangUp] { unwatch(descriptor, slot) }
    }

    /// Puts `handle` in the place of what is there; a wait yields to nothing, and replaces nothing.
    func watch(_ descriptor: CInt, _ slot: WritableKeyPath<Watch, Handle?>, with handle: Handle) throws {
        try checkUse()
        let before = watches[descriptor] ?? Watch()
        if let occupant = before[keyPath: slot], occupant is WaitHandle || handle is WaitHandle {
            throw EventLoopError.descriptorBusy(descriptor)
        }
        var after = before
        after[keyPath: slot] = handle
        try selector.watch(descriptor, for: after.interest, before: before.interest)
        watches[descriptor] = after
        // A handle that is in this tick's queue already must not run any more.
        before[keyPath: slot]?.cancel()
    }

    /// Succeeds whatever the selector says: a descriptor that was closed first has left it.
    func unwatch(_ descriptor: CInt, _ slot: WritableKeyPath<Watch, Handle?>) {
        guard let before = watches[descriptor], let handle = before[keyPath: slot] else { return }
        var after = before
        after[keyPath: slot] = nil
        try? selector.watch(descriptor, for: after.interest, before: before.interest)
        watches[descriptor] = after.interest.isEmpty ? nil : after
        handle.cancel()
    }
}
