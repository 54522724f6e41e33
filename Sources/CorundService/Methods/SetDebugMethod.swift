import CorundAPI
import CorundLoop
import Varlink

extension Interface {
    /// `SetDebug`: switches the loop's debug mode.
    mutating func addSetDebug(_ loop: EventLoop) {
        method("SetDebug") { (parameters: EnabledValue, _) in
            loop.isDebugging = parameters.enabled
            return EnabledValue(enabled: loop.isDebugging)
        }
    }
}
