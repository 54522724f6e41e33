/// A function that gives back many values, one each time it is asked, and goes on from where it was: Python's
/// asynchronous generator.
///
///     func countdown(from start: Int, on loop: EventLoop) -> AsyncGenerator<Int, Never> {
///         AsyncGenerator { yield in
///             for number in (1...start).reversed() {
///                 try await yield(number)
///                 try await loop.sleep(for: .seconds(1))
///             }
///         }
///     }
///
///     for try await number in countdown(from: 3, on: loop) { print(number) }
///
/// The body begins with the first ``next()``, and runs only while a consumer waits for it; at each `yield` it waits for
/// the next one. A step for which it waits for nothing else is made at once, as a call would be; after 128 of them, of
/// whichever generators, everything else on the loop has its turn first. It runs on the loop of that first call, where
/// all the other operations belong too, in a task and a context of its own: a copy of the context in which the
/// generator was made. (In Python a generator runs in the context of whoever asks. Then a variable that a body sets
/// shows in its consumer, and when the loop closes the generator, the variable cannot be reset.)
///
/// A generator ends with its body: by its end, by an error, which the consumer gets, or by ``GeneratorExit``, which a
/// pending `yield` throws when the generator is closed. Clean-up after that may await. A generator is closed by
/// ``aclose()`` and `withClosing`; and by its loop, in the background, when the last reference to it goes, on whichever
/// thread; when a `for try await` over it is left early; and at the latest by
/// ``EventLoop/shutdownAsyncGenerators(timeout:)``, which `Runner.close` calls. If the loop is closed without that, the
/// body stays where it is, and what it holds is not given back.
///
/// Cancellation: a consumer that is cancelled while it waits cancels the body, whose pending wait throws; what comes out
/// of the body, usually `CancellationError`, is what the consumer gets, as in asyncio. Unlike there the body stays
/// cancelled, as any Swift task: clean-up that waits for something belongs in a task of its own
/// (`try await loop.spawn { … }.value`). A consumer that is cancelled when it comes gets `CancellationError` at once, and
/// the body knows nothing of it.
///
/// `Input` is what ``send(_:)`` takes and `yield` returns; `Never` for generators that take nothing.
public final class AsyncGenerator<Element: Sendable, Input: Sendable>: Sendable {
    @usableFromInline let core: GeneratorCore
    @usableFromInline let input: GeneratorInput<Input>

    /// A generator that has not begun.
    ///
    /// - Parameters:
    ///   - elementType: what it yields, where the compiler cannot tell.
    ///   - inputType: what can be sent to it, where the compiler cannot tell.
    ///   - name: for people; the function that makes the generator when absent.
    ///   - fileID: where the generator was made, for messages about it.
    ///   - line: where the generator was made, for messages about it.
    ///   - body: is called once, or never when nobody asks for an element.
    @inlinable
    public init(
        of elementType: Element.Type = Element.self, receiving inputType: Input.Type = Input.self,
        name: String = #function, fileID: StaticString = #fileID, line: UInt = #line,
        _ body: sending @escaping (_ yield: Yield) async throws -> Void
    ) {
        let input = GeneratorInput<Input>()
        self.input = input
        // SAFETY: the one call of the body, which was sent here.
        nonisolated(unsafe) let body = body
        core = GeneratorCore(name: name, fileID: fileID, line: line) { core in
            try await body(Yield(core: core, input: input))
        }
    }

    /// A generator that takes no input, and has not begun.
    ///
    /// - Parameters:
    ///   - elementType: what it yields, where the compiler cannot tell.
    ///   - name: for people; the function that makes the generator when absent.
    ///   - fileID: where the generator was made, for messages about it.
    ///   - line: where the generator was made, for messages about it.
    ///   - body: is called once, or never when nobody asks for an element.
    @inlinable
    public convenience init(
        of elementType: Element.Type = Element.self, name: String = #function, fileID: StaticString = #fileID,
        line: UInt = #line, _ body: sending @escaping (_ yield: Yield) async throws -> Void
    ) where Input == Never {
        self.init(of: elementType, receiving: Never.self, name: name, fileID: fileID, line: line, body)
    }

    /// Nobody can ask any more: the finaliser hook.
    ///
    /// What closes the generator is its core; nothing brings the handle back.
    deinit {
        letGo()
    }

    /// For people; not unique.
    public var name: String { core.name }

    /// Runs the body to its next `yield`, which returns nil, as `anext(generator)`.
    ///
    /// - Returns: what the body yields; nil when it has ended.
    /// - Throws: what the body throws; `CancellationError`; ``AsyncGeneratorError/alreadyRunning`` while the body runs
    ///   for another operation; ``AsyncGeneratorError/noRunningLoop``; ``EventLoopError/wrongThread``;
    ///   ``EventLoopError/closed``.
    @inlinable
    public func next() async throws -> Element? {
        try await advance(.next)
    }

    /// Makes the pending `yield` return `input`, and runs the body to the next one, as `generator.asend(value)`.
    ///
    /// - Returns: what the body yields; nil when it has ended.
    /// - Throws: as ``next()``, and ``AsyncGeneratorError/notStarted`` before the first one.
    @discardableResult
    @inlinable
    public func send(_ input: Input) async throws -> Element? {
        try await advance(.send) { self.input.input = input }
    }

    /// Makes the pending `yield` throw `error`, and runs the body to the next one, as `generator.athrow(error)`.
    ///
    /// A generator that has not begun ends with that: `error` comes back, and the body never runs.
    ///
    /// - Returns: what the body yields; nil when it ends, or had ended before.
    /// - Throws: as ``next()``.
    @discardableResult
    @inlinable
    public func throwing(_ error: any Error) async throws -> Element? {
        try await advance(.throwing, raising: error)
    }

    @inlinable
    func advance(
        _ request: GeneratorMachine.Request, raising error: (any Error)? = nil, send: () -> Void = {}
    ) async throws -> Element? {
        guard let loop = try core.enter() else { return nil }
        let consumer = core.takeIdleConsumer().map(Self.typed) ?? GeneratorConsumer(on: loop)
        defer { core.giveBack(consumer) }
        try await core.advance(request, for: consumer, raising: error, send: send)
        return consumer.element.take()
    }

    @inlinable
    static func typed(_ consumer: GeneratorWait) -> GeneratorConsumer<Element> {
        // SAFETY: a core has the consumers of one handle, and their elements are those of the handle.
        unsafeDowncast(consumer, to: GeneratorConsumer<Element>.self)
    }

    /// Makes the pending `yield` throw ``GeneratorExit`` and waits until the body has ended, as `generator.aclose()`.
    ///
    /// Does nothing on a generator that has ended; one that has not begun never begins. Several callers wait for the same
    /// end. The wait does not end with the caller's cancellation, and the body knows nothing of that.
    ///
    /// - Throws: what the body throws instead of ``GeneratorExit``; ``AsyncGeneratorError/ignoredExit`` when it yields
    ///   again; ``AsyncGeneratorError/alreadyRunning`` while it runs for another operation;
    ///   ``AsyncGeneratorError/noRunningLoop``; ``EventLoopError/wrongThread``; ``EventLoopError/closed``.
    public func aclose() async throws {
        try await core.close()
    }

    /// Closes in the background.
    func letGo() {
        core.letGo()
    }

    /// Closes where another error is on its way already.
    func closeReportingFailure() async {
        let loop = core.loop
        do { try await aclose() } catch { loop?.reportFailureOfClosing(core, error) }
    }
}

extension AsyncGenerator {
    /// Hands values from a generator's body to its consumer.
    ///
    /// It belongs to the body, one call at a time.
    public struct Yield: Sendable {
        @usableFromInline let core: GeneratorCore
        @usableFromInline let input: GeneratorInput<Input>

        @inlinable
        init(core: GeneratorCore, input: GeneratorInput<Input>) {
            self.core = core
            self.input = input
        }

        /// Hands `element` over and waits until the consumer asks for more.
        ///
        /// - Returns: what the consumer sent; nil when it asked by ``AsyncGenerator/next()``.
        /// - Throws: what the consumer raised by ``AsyncGenerator/throwing(_:)``; ``GeneratorExit`` when the generator
        ///   is closed; ``AsyncGeneratorError/ignoredExit`` the first time that the body yields after it, and the second
        ///   call does not come back; ``AsyncGeneratorError/yieldOutOfTurn``; ``EventLoopError/wrongThread``.
        @discardableResult
        @inlinable
        public func callAsFunction(_ element: Element) async throws -> Input? {
            try await core.yield { AsyncGenerator.typed($0).element = element }
            return input.input.take()
        }
    }
}
