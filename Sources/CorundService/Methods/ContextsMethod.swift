import CorundAPI
import Varlink

extension Interface {
    /// `Contexts`: the contexts that jobs share.
    mutating func addContexts(_ scheduler: Scheduler) {
        method("Contexts") { (_: NoParameters, _) in ContextsResult(contexts: scheduler.contexts.info) }
    }
}
