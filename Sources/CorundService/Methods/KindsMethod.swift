import CorundAPI
import Varlink

extension Interface {
    /// `Kinds`: what can be submitted.
    mutating func addKinds(_ kinds: KindCatalog, isStoreDurable: Bool) {
        method("Kinds") { (_: NoParameters, _) in
            let all = kinds.kinds.values.map { $0.description(isStoreDurable: isStoreDurable) }
            return KindsResult(kinds: all.sorted { $0.name < $1.name })
        }
    }
}
