import HashTreeCollections
import Synchronization

/// The values that a chain of calls shares without passing them on: Python's `contextvars.Context`.
///
/// A context is a map from ``ContextVariable`` to value. Jobs, callbacks, timers and handlers run in one; Swift
/// child tasks (`async let`, task groups) and `Task {}` see their parent's. It may be read and changed from any
/// thread. What it maps is kept in a persistent tree, so ``copy()`` is O(1).
public final class Context: Sendable {
    typealias Values = TreeDictionary<ContextKey, any Sendable>

    private let values: Mutex<Values>

    /// Where a chain of calls is.
    ///
    /// (An object: the runtime has to look up how to copy an optional, each time. And what the macro `TaskLocal` makes could
    /// not be inlined into other modules.)
    @usableFromInline static let place = TaskLocal(wrappedValue: EnteredContext.outside)

    static var entered: EnteredContext { place.get() }

    /// The context of code that runs in none.
    ///
    /// Python has one for each thread; Swift's tasks change threads, so there is one for the process.
    static let base = Context()

    /// An empty context.
    public convenience init() {
        self.init([:])
    }

    init(_ values: Values) {
        self.values = Mutex(values)
    }

    /// The running context, as `contextvars` uses it implicitly.
    public static var current: Context { entered.context }

    /// An independent context with the same values, in O(1), as `Context.copy()`.
    public func copy() -> Context {
        Context(currentValues)
    }

    /// What is mapped now.
    var currentValues: Values { values.withLock { $0 } }

    /// Runs `body` in this context, as `Context.run`.
    ///
    /// What it sets stays inside.
    ///
    /// - Throws: ``ContextError/alreadyEntered`` when this chain of calls is inside this context already, and what
    ///   `body` throws.
    public func run<Result>(_ body: () throws -> Result) throws -> Result {
        try Context.place.withValue(try entry()) { try body() }
    }

    /// Runs `body` in this context; see the synchronous form.
    ///
    /// - Throws: ``ContextError/alreadyEntered`` when this chain of calls is inside this context already, and what
    ///   `body` throws.
    public func run<Result>(_ body: () async throws -> Result) async throws -> Result {
        try await run(body, isolation: #isolation)
    }

    /// Runs `body` where the caller is; see ``EventLoop/cancellableWait(isolation:_:onCancel:)``.
    private func run<Result>(
        _ body: () async throws -> Result, isolation: isolated (any Actor)?
    ) async throws -> Result {
        try await Context.place.withValue(try entry()) {
            _ = isolation
            return try await body()
        }
    }

    /// What `variable` is set to here, as `context.get(variable)`; nil where it is not, whatever its default.
    public subscript<Value>(variable: ContextVariable<Value>) -> Value? {
        // In two steps: a cast of the optional itself finds a nil where nothing is set, if Value is an optional.
        guard let stored = value(for: variable.key) else { return nil }
        return stored as? Value
    }

    /// The declared-visible variables that are set here, by name, with their values as text.
    public var visibleValues: [String: String] {
        let visible = currentValues.filter { $0.key.isVisible }
            .map { ($0.key.name, String(describing: $0.value)) }
        return Dictionary(visible, uniquingKeysWith: { first, _ in first })
    }

    func value(for key: ContextKey) -> (any Sendable)? {
        values.withLock { $0[key] }
    }

    /// Sets or, with nil, unsets the key; gives back what was there.
    @discardableResult
    func replace(_ key: ContextKey, with value: (any Sendable)?) -> (any Sendable)? {
        values.withLock { values in
            let before = values[key]
            values[key] = value
            return before
        }
    }

    private func entry() throws -> EnteredContext {
        let outer = Context.entered
        guard !outer.contains(self) else { throw ContextError.alreadyEntered }
        return EnteredContext(context: self, outer: outer, task: outer.task)
    }
}

extension Context: Sequence {
    /// A variable that is set in a context.
    public struct Element: Sendable {
        /// The variable's name, which need not be unique.
        public let name: String
        /// What it is set to.
        public let value: any Sendable
    }

    /// The variables that are set here, and no others, in no order; as they are now, whatever is set meanwhile.
    public func makeIterator() -> some IteratorProtocol<Element> {
        currentValues.lazy.map { Element(name: $0.key.name, value: $0.value) }.makeIterator()
    }

    /// How many variables are set here.
    public var count: Int { values.withLock { $0.count } }
}

/// One link of the chain of contexts that a call is inside of.
///
/// A task is one too, see ``TaskRecord``: that of its code.
@usableFromInline
package class EnteredContext: @unchecked Sendable {
    // SAFETY: not changed any more once it has been entered.
    private let lazyContext: LazyContext
    /// The task of a loop that the call is a part of: its number; zero: none.
    final var task: UInt64
    private let outer: EnteredContext?

    /// Where code is that runs in no context.
    static let outside = EnteredContext(context: .base)

    init(context: Context, outer: EnteredContext? = nil, task: UInt64 = 0) {
        lazyContext = LazyContext(context)
        self.task = task
        self.outer = outer
    }

    /// Inside of a copy of the context that `other` is inside of.
    init(inCopyOf other: EnteredContext) {
        lazyContext = LazyContext(copying: other.lazyContext.currentValues)
        task = 0
        outer = nil
    }

    final var context: Context { lazyContext.context }

    private var isOutside: Bool { self === Self.outside }

    /// A chain that begins with the same context, for a callback; nil where there is none to restore.
    var forCallback: EnteredContext? { isOutside ? nil : EnteredContext(context: context) }

    final func contains(_ context: Context) -> Bool {
        !isOutside && (lazyContext.isContext(context) || outer?.contains(context) == true)
    }
}

/// A misuse of contexts.
public enum ContextError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The chain of calls is inside this context already.
    case alreadyEntered
    /// The variable has neither a value in the current context nor a default.
    case noValue(variable: String)
    /// The token was used for a reset before.
    case tokenAlreadyUsed(variable: String)
    /// The token was made by another variable.
    case tokenOfAnotherVariable(variable: String)
    /// The token was made in another context.
    case tokenOfAnotherContext(variable: String)

    /// What happened, in words.
    public var description: String {
        switch self {
        case .alreadyEntered: "cannot enter the context: this chain of calls is inside it already"
        case .noValue(let variable): "context variable \(variable) has no value here and no default"
        case .tokenAlreadyUsed(let variable): "the token for context variable \(variable) has been used once already"
        case .tokenOfAnotherVariable(let variable): "the token was made by another variable than \(variable)"
        case .tokenOfAnotherContext(let variable):
            "the token for context variable \(variable) was made in another context"
        }
    }
}
