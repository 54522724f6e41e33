import CorundAPI
package import Varlink

/// The errors that are not of `io.corund.Jobs` and yet mean something to this command.
package enum StandardError: Equatable {
    /// The caller's role does not allow the method. The name's first part is whose interface it was.
    case permissionDenied
    case invalidParameter(String)
    /// The method answers more than once, and wants to be asked so.
    case expectedMore
    /// The daemon has no such interface or method.
    case notUnderstood(String)
    case noSuchGroup(String)

    /// Nil for any other error.
    package init?(_ error: VarlinkError) {
        let parameters = try? error.parameters.decode(Parameters.self)
        switch error.name {
        case "org.varlink.service.InvalidParameter": self = .invalidParameter(parameters?.parameter ?? "")
        case "org.varlink.service.ExpectedMore": self = .expectedMore
        case "org.varlink.service.InterfaceNotFound": self = .notUnderstood(parameters?.interface ?? "")
        case "org.varlink.service.MethodNotFound", "org.varlink.service.MethodNotImplemented":
            self = .notUnderstood(parameters?.method ?? "")
        case "\(InterfaceName.service).NoSuchGroup": self = .noSuchGroup(parameters?.group ?? "")
        case let name where name.hasSuffix(".PermissionDenied"): self = .permissionDenied
        default: return nil
        }
    }

    private struct Parameters: Decodable {
        var parameter: String?
        var interface: String?
        var method: String?
        var group: String?
    }
}
