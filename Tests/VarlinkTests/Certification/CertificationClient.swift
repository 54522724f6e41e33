import Testing

@testable import Varlink

/// Calls all methods of `org.varlink.certification` in order, each with what the one before answered.
struct CertificationClient {
    let connection: ClientConnection

    func run() async throws {
        let client = try await call("Start", NoParameters(), as: Certification.ClientID.self).client_id
        let bool = try await call("Test01", Certification.ClientID(client_id: client), as: Certification.Bool01.self)
        let int = try await call(
            "Test02", Certification.Test02(client_id: client, bool: bool.bool), as: Certification.Int02.self)
        let float = try await call(
            "Test03", Certification.Test03(client_id: client, int: int.int), as: Certification.Float03.self)
        let string = try await call(
            "Test04", Certification.Test04(client_id: client, float: float.float), as: Certification.String04.self)
        let all = try await call(
            "Test05", Certification.Test05(client_id: client, string: string.string), as: Certification.Scalars.self)
        let parameters = Certification.Test06(
            client_id: client, bool: all.bool, int: all.int, float: all.float, string: all.string)
        let structure = try await call("Test06", parameters, as: Certification.Struct06.self)
        let map = try await call(
            "Test07", Certification.Test07(client_id: client, struct: structure.struct), as: Certification.Map07.self)
        let set = try await call(
            "Test08", Certification.Test08(client_id: client, map: map.map), as: Certification.Set08.self)
        let mytype = try await call(
            "Test09", Certification.Test09(client_id: client, set: set.set), as: Certification.MyType09.self)
        let replies = try await stream(Certification.Test10(client_id: client, mytype: mytype.mytype))
        connection.send(
            "\(Certification.name).Test11",
            try RawJSON(encoding: Certification.Test11(client_id: client, last_more_replies: replies)))
        let end = try await call("End", Certification.ClientID(client_id: client), as: Certification.AllOK.self)
        #expect(end.all_ok)
    }

    private func call<Result: Decodable>(
        _ method: String, _ parameters: some Encodable, as type: Result.Type
    ) async throws -> Result {
        try await connection.call("\(Certification.name).\(method)", RawJSON(encoding: parameters)).decode()
    }

    private func stream(_ parameters: Certification.Test10) async throws -> [String] {
        var replies: [String] = []
        for try await reply in connection.stream("\(Certification.name).Test10", try RawJSON(encoding: parameters)) {
            replies.append(try reply.decode(Certification.String04.self).string)
        }
        return replies
    }
}
