package import Varlink

/// The errors that are of no interface of corund's and yet mean something to this command.
package enum StandardError: Equatable {
    /// The caller's role does not allow that; what the daemon says of it, if anything. The name's first part is whose
    /// interface it was.
    case permissionDenied(String?)
    case invalidParameter(String)
    /// The method answers more than once, and wants to be asked so.
    case expectedMore
    /// The daemon has no such interface or method.
    case notUnderstood(String)

    /// Nil for any other error.
    package init?(_ error: VarlinkError) {
        let parameters = try? error.parameters.decode(Parameters.self)
        switch error.name {
        case "org.varlink.service.InvalidParameter": self = .invalidParameter(parameters?.parameter ?? "")
        case "org.varlink.service.ExpectedMore": self = .expectedMore
        case "org.varlink.service.InterfaceNotFound": self = .notUnderstood(parameters?.interface ?? "")
        case "org.varlink.service.MethodNotFound", "org.varlink.service.MethodNotImplemented":
            self = .notUnderstood(parameters?.method ?? "")
        case let name where name.hasSuffix(".PermissionDenied"):
            self = .permissionDenied(parameters?.message)
        default: return nil
        }
    }

    private struct Parameters: Decodable {
        var parameter: String?
        var interface: String?
        var method: String?
        var message: String?
    }
}
