import CorundLoop

/// A Varlink interface as a server offers it: its text, and what its methods do.
package struct Interface {
    /// The interface's name, such as `io.corund.Jobs`.
    package let name: String
    /// Its definition, as `GetInterfaceDescription` gives it.
    package let description: String
    /// By the last part of the method's name.
    private(set) var methods: [String: Method] = [:]
    /// Of the methods that are added now; nil: anyone may call them.
    private var requirement: AccessRequirement?

    struct Method {
        let handler: MethodHandler
        let requirement: AccessRequirement?
    }

    /// An interface without methods.
    ///
    /// - Parameters:
    ///   - name: as above.
    ///   - description: as above.
    ///   - requirement: that of each method which is not added within ``require(_:_:)``; nil: anyone may call them. It has
    ///     no default, so that no interface is open to all because somebody has forgotten it.
    package init(name: String, description: String, requirement: AccessRequirement?) {
        self.name = name
        self.description = description
        self.requirement = requirement
    }

    /// The methods that `add` adds are for callers that meet the requirement.
    package mutating func require(_ requirement: AccessRequirement, _ add: (inout Interface) -> Void) {
        let outer = self.requirement
        self.requirement = requirement
        add(&self)
        self.requirement = outer
    }

    /// A method that answers when it likes, from the loop.
    ///
    /// It is called on the loop, in the order of the calls, and the call's parameters are valid only until it returns.
    package mutating func handle(_ method: String, _ handler: @escaping MethodHandler) {
        methods[method] = Method(handler: handler, requirement: requirement)
    }

    /// A method that is an async function, run on the loop as a task of its own.
    ///
    /// It is cancelled when its caller hangs up.
    ///
    /// What it throws is answered when it is an ``ErrorReply``. Parameters of a wrong shape are answered with
    /// `InvalidParameter` and the path of the wrong one. It may answer more than once, to a caller that wants `more`,
    /// with `call.reply.send(_, continues: true)`; what it returns is the last reply.
    package mutating func method<Parameters: Decodable, Result: Encodable>(
        _ method: String, _ body: @escaping (Parameters, Call) async throws -> Result
    ) {
        handle(method) { Call.run($0, body) }
    }

    /// A method that answers more than once, and must be called with `more`; see ``method(_:_:)``.
    package mutating func stream<Parameters: Decodable, Result: Encodable>(
        _ method: String, _ body: @escaping (Parameters, Call) async throws -> Result
    ) {
        handle(method) { incoming in
            guard incoming.flags.contains(.more) else { return incoming.reply.fail(.expectedMore) }
            Call.run(incoming, body)
        }
    }
}

extension Interface {
    /// Methods that the definition has and this service does not: they are answered with `MethodNotImplemented`.
    package mutating func declareNotImplemented(_ methods: [String]) {
        for method in methods {
            handle(method) { call in call.reply.fail(.methodNotImplemented(call.method)) }
        }
    }
}

/// See ``Interface/handle(_:_:)``.
package typealias MethodHandler = (IncomingCall) -> Void

/// Parameters of a method that takes none; what is sent is ignored.
package struct NoParameters: Codable, Sendable {
    package init() {}
}
