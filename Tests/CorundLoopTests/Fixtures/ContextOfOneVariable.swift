import CorundLoop

extension ContextVariable {
    /// A context in which this variable, and nothing else, is set.
    func context(_ value: Value) throws -> Context {
        let context = Context()
        try context.run { _ = set(value) }
        return context
    }
}
