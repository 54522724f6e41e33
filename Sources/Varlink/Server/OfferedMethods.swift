/// The methods that a server offers, by the bytes of their names.
///
/// An object, and its methods are objects too, so that the hot path passes one reference on instead of all of it.
final class OfferedMethods {
    private let methods: [OfferedMethod]
    private let index: NameIndex
    private let interfaceNames: Set<String>

    init(_ interfaces: [Interface]) {
        methods = interfaces.flatMap { interface in
            interface.methods.map { OfferedMethod(name: "\(interface.name).\($0)", $1) }
        }
        index = NameIndex(methods.map(\.name))
        interfaceNames = Set(interfaces.map(\.name))
    }

    /// - Parameter name: the full one, with the interface's before the last dot.
    /// - Returns: nil when there is none of that name.
    func find(_ name: UnsafeBufferPointer<UInt8>) -> OfferedMethod? {
        index.find(name).map { methods[$0] }
    }

    /// What is to be said of a name that is not there.
    func notFound(_ name: UnsafeBufferPointer<UInt8>) -> VarlinkError {
        let method = String(decoding: name, as: UTF8.self)
        let interface = method.lastIndex(of: ".").map { String(method[..<$0]) } ?? ""
        return interfaceNames.contains(interface) ? .methodNotFound(method) : .interfaceNotFound(interface)
    }
}

/// A method as a server finds it.
final class OfferedMethod {
    let name: String
    let handler: MethodHandler
    /// See ``AccessRequirement``; without one each caller will do.
    private let requiredAccess: UInt32?
    /// What a caller that may not call it is answered.
    let denial: VarlinkError

    init(name: String, _ method: Interface.Method) {
        self.name = name
        handler = method.handler
        requiredAccess = method.requirement?.anyOf
        denial = method.requirement?.denial(name) ?? .permissionDenied
    }

    /// Whether a caller that has `access` may call it.
    func isOpen(to access: UInt32) -> Bool {
        guard let requiredAccess else { return true }
        return access & requiredAccess != 0
    }
}
