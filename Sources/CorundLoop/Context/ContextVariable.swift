import Synchronization

/// A variable whose value belongs to the running ``Context``: Python's `contextvars.ContextVar`.
///
/// Make one for each purpose, as a global or static constant; two variables are never the same, whatever they are
/// called. It may be used from any thread.
public struct ContextVariable<Value: Sendable>: Sendable {
    /// For people; need not be unique.
    public var name: String { key.name }
    let key: ContextKey
    private let defaultValue: Value?

    /// A new variable without a default: ``get()`` throws where no value is set.
    ///
    /// - Parameters:
    ///   - name: what people read in errors and listings.
    ///   - isVisible: whether listings of contexts (`corund-ctl contexts`) may show the value.
    public init(_ name: String, isVisible: Bool = false) {
        defaultValue = nil
        key = ContextKey(name: name, isVisible: isVisible)
    }

    /// A new variable with a default.
    ///
    /// - Parameters:
    ///   - name: what people read in errors and listings.
    ///   - defaultValue: what ``get()`` gives where no value is set.
    ///   - isVisible: whether listings of contexts (`corund-ctl contexts`) may show the value.
    public init(_ name: String, default defaultValue: Value, isVisible: Bool = false) {
        // Where Value is an optional, nil is a default too.
        self.defaultValue = .some(defaultValue)
        key = ContextKey(name: name, isVisible: isVisible)
    }

    /// The value in the current context, else the default.
    ///
    /// - Throws: ``ContextError/noValue(variable:)`` where there is neither.
    public func get() throws(ContextError) -> Value {
        if let value = Context.current[self] { return value }
        guard let defaultValue else { throw .noValue(variable: name) }
        return defaultValue
    }

    /// Sets the value in the current context.
    ///
    /// - Returns: a token with which ``reset(_:)`` brings back, once, what was there before.
    @discardableResult
    public func set(_ value: Value) -> ContextToken {
        let context = Context.current
        return ContextToken(key: key, context: context, before: context.replace(key, with: value))
    }

    /// Brings back what was there before the ``set(_:)`` that made `token`.
    ///
    /// - Throws: a ``ContextError`` when the token was used before, or belongs to another variable or context.
    public func reset(_ token: ContextToken) throws(ContextError) {
        guard token.key === key else { throw .tokenOfAnotherVariable(variable: name) }
        guard token.context === Context.current else { throw .tokenOfAnotherContext(variable: name) }
        guard token.use() else { throw .tokenAlreadyUsed(variable: name) }
        token.context.replace(key, with: token.before)
    }
}

/// What ``ContextVariable/set(_:)`` gives back, good for one reset.
public final class ContextToken: Sendable {
    fileprivate let key: ContextKey
    fileprivate let context: Context
    fileprivate let before: (any Sendable)?
    private let used = Atomic(false)

    fileprivate init(key: ContextKey, context: Context, before: (any Sendable)?) {
        self.key = key
        self.context = context
        self.before = before
    }

    /// True the first time only.
    fileprivate func use() -> Bool {
        !used.exchange(true, ordering: .acquiringAndReleasing)
    }
}

/// The identity of a variable.
final class ContextKey: Sendable, Hashable {
    let name: String
    let isVisible: Bool

    init(name: String, isVisible: Bool) {
        self.name = name
        self.isVisible = isVisible
    }

    static func == (left: ContextKey, right: ContextKey) -> Bool { left === right }

    func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(self))
    }
}
