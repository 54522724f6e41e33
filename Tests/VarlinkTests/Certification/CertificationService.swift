@testable import Varlink

/// Serves `org.varlink.certification`: each client must call all methods in order, each with what the one before
/// answered.
final class CertificationService {
    /// The method that each client must call next.
    private var next: [String: String] = [:]
    private var clients = 0
    private let happenings: Happenings

    private struct Mismatch: Encodable {
        let wants: RawJSON
        let got: RawJSON
    }
    private struct Named: Encodable { let method: String }

    init(_ happenings: Happenings) {
        self.happenings = happenings
    }

    var interface: Interface {
        var interface = Interface(name: Certification.name, description: Certification.description, requirement: nil)
        interface.method("Start") { [self] (_: NoParameters, _) in
            clients += 1
            let client = "client-\(clients)"
            next[client] = "Test01"
            return Certification.ClientID(client_id: client)
        }
        add("Test01", then: "Test02", Certification.ClientID.init, Certification.Bool01(), to: &interface)
        add("Test02", then: "Test03", { Certification.Test02(client_id: $0) }, Certification.Int02(), to: &interface)
        add("Test03", then: "Test04", { Certification.Test03(client_id: $0) }, Certification.Float03(), to: &interface)
        add("Test04", then: "Test05", { Certification.Test04(client_id: $0) }, Certification.String04(), to: &interface)
        add("Test05", then: "Test06", { Certification.Test05(client_id: $0) }, Certification.Scalars(), to: &interface)
        add("Test06", then: "Test07", { Certification.Test06(client_id: $0) }, Certification.Struct06(), to: &interface)
        add("Test07", then: "Test08", { Certification.Test07(client_id: $0) }, Certification.Map07(), to: &interface)
        add("Test08", then: "Test09", { Certification.Test08(client_id: $0) }, Certification.Set08(), to: &interface)
        add("Test09", then: "Test10", { Certification.Test09(client_id: $0) }, Certification.MyType09(), to: &interface)
        addStream(to: &interface)
        addOneway(to: &interface)
        add("End", then: nil, Certification.ClientID.init, Certification.AllOK(), to: &interface)
        return interface
    }

    private func add<Parameters: CertificationParameters, Result: Encodable>(
        _ method: String, then: String?, _ wanted: @escaping (String) -> Parameters, _ result: Result,
        to interface: inout Interface
    ) {
        interface.method(method) { [self] (parameters: Parameters, _) in
            let client = parameters.client_id
            try step(method, then: then, of: client)
            try check(parameters, wanted(client), of: client)
            return result
        }
    }

    private func addStream(to interface: inout Interface) {
        interface.stream("Test10") { [self] (parameters: Certification.Test10, call) in
            try step("Test10", then: "Test11", of: parameters.client_id)
            let wanted = Certification.Test10(client_id: parameters.client_id)
            try check(parameters, wanted, of: parameters.client_id)
            let replies = Certification.Test11(client_id: "").last_more_replies
            for reply in replies.dropLast() {
                call.reply.send(Certification.String04(string: reply), continues: true)
            }
            return Certification.String04(string: replies[9])
        }
    }

    private func addOneway(to interface: inout Interface) {
        interface.method("Test11") { [self] (parameters: Certification.Test11, call) in
            try step("Test11", then: "End", of: parameters.client_id)
            let wanted = Certification.Test11(client_id: parameters.client_id)
            try check(parameters, wanted, of: parameters.client_id)
            if !call.flags.contains(.oneway) { next[parameters.client_id] = nil }
            return NoParameters()
        }
    }

    private func step(_ method: String, then: String?, of client: String) throws {
        guard let wanted = next[client] else { throw VarlinkError("\(Certification.name).ClientIdError") }
        guard wanted == method else { throw try mismatch(Named(method: wanted), Named(method: method), client) }
        next[client] = then
        happenings.tell("\(method) of \(client)")
    }

    private func check<Parameters: Encodable & Equatable>(
        _ parameters: Parameters, _ wanted: Parameters, of client: String
    ) throws {
        guard parameters != wanted else { return }
        throw try mismatch(wanted, parameters, client)
    }

    private func mismatch(_ wants: some Encodable, _ got: some Encodable, _ client: String) throws -> VarlinkError {
        next[client] = nil
        let mismatch = try Mismatch(wants: RawJSON(encoding: wants), got: RawJSON(encoding: got))
        return VarlinkError("\(Certification.name).CertificationError", parameters: try RawJSON(encoding: mismatch))
    }
}
