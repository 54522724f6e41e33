import CorundRunner

private let variable = ContextVariable("number", default: 0)

/// Copies of a context with some variables set, and the setting of one.
func benchContext() throws -> Figures {
    let context = Context()
    let others = (0..<8).map { ContextVariable("other \($0)", default: 0) }
    return try context.run {
        for other in others { other.set(1) }
        let copy = perCall { _ = context.copy() }
        let set = perCall { variable.set(1) }
        let get = try perCall { _ = try variable.get() }
        return [("context_copy_ns", copy * 1e9), ("context_set_ns", set * 1e9), ("context_get_ns", get * 1e9)]
    }
}
