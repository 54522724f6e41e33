import CorundAPI
import Varlink

extension Interface {
    /// `Reload`: reads the configuration again.
    mutating func addReload(_ reloading: Reloading) {
        method("Reload") { (_: NoParameters, _) in try await reloading.reload() }
    }
}
