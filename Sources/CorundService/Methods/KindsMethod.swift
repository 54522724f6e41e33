import CorundAPI
import Varlink

extension Interface {
    /// `Kinds`: what can be submitted.
    mutating func addKinds(_ registry: JobRegistry, isStoreDurable: Bool) {
        let kinds = registry.kinds.values.map { $0.description(isStoreDurable: isStoreDurable) }
            .sorted { $0.name < $1.name }
        method("Kinds") { (_: NoParameters, _) in KindsResult(kinds: kinds) }
    }
}
