/// An error reply: what a method answers instead of its result, and what a client throws then.
public struct VarlinkError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The full name, such as `org.varlink.service.MethodNotFound`.
    public let name: String
    /// The error's parameters, a JSON object.
    public let parameters: RawJSON

    /// The error `name`, as declared in an interface, with its parameters.
    public init(_ name: String, parameters: RawJSON = .emptyObject) {
        self.name = name
        self.parameters = parameters
    }

    /// The name and the parameters as they are on the wire.
    public var description: String { "\(name) \(parameters)" }
}

/// An error that a method may throw to be answered with it.
package protocol ErrorReply: Error {
    /// The error as it is sent.
    var onTheWire: VarlinkError { get }
}

extension VarlinkError: ErrorReply {
    package var onTheWire: VarlinkError { self }
}

/// The errors that every Varlink service may answer, from `org.varlink.service`.
extension VarlinkError {
    package static func interfaceNotFound(_ interface: String) -> VarlinkError {
        standard("InterfaceNotFound", "interface", interface)
    }

    package static func methodNotFound(_ method: String) -> VarlinkError {
        standard("MethodNotFound", "method", method)
    }

    package static func methodNotImplemented(_ method: String) -> VarlinkError {
        standard("MethodNotImplemented", "method", method)
    }

    package static func invalidParameter(_ parameter: String) -> VarlinkError {
        standard("InvalidParameter", "parameter", parameter)
    }

    package static let expectedMore = VarlinkError("org.varlink.service.ExpectedMore")

    package static let permissionDenied = VarlinkError("org.varlink.service.PermissionDenied")

    /// The caller may not do this, with a sentence about what it would take.
    package static func permissionDenied(_ message: String) -> VarlinkError {
        standard("PermissionDenied", "message", message)
    }

    private static func standard(_ error: String, _ parameter: String, _ value: String) -> VarlinkError {
        var writer = JSONWriter()
        writer.literal("{")
        writer.string(parameter)
        writer.literal(":")
        writer.string(value)
        writer.literal("}")
        return VarlinkError("org.varlink.service.\(error)", parameters: RawJSON(unchecked: writer.bytes))
    }
}
