import TestSupport
import Testing

@testable import Varlink

/// The tests that every Varlink implementation is to pass, against the one for Python.
@Suite("Certification")
struct CertificationTests {
    @Test("Python's client is content with our server")
    func server() throws {
        let server = try TestServer { [CertificationService($1).interface] }
        let client = try VarlinkPython.certification("--client", "--varlink=unix:\(server.path)")
        let status = try client.waitForEnd()
        let said = client.output.all.joined()
        #expect(status == 0, "\(said)")
        #expect(said.contains("Certification passed"), "\(said)")
        for step in ["Test01", "Test09", "Test10", "Test11", "End"] {
            #expect(server.happenings.count(of: "\(step) of client-1") == 1)
        }
        #expect(server.faults.all.isEmpty)
        try server.beginStop()
        try server.waitUntilStopped()
    }

    @Test("our client is content with Python's server")
    func client() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("socket")
        let server = try VarlinkPython.certification("--varlink=unix:\(path)")
        #expect(server.output.wait(for: "Listening on"))
        try connect(to: path) { try await $0.run() }
        withExtendedLifetime(server) {}
    }

    @Test("our client is content with our server")
    func both() throws {
        let server = try TestServer { [CertificationService($1).interface] }
        try connect(to: server.path) { try await $0.run() }
        try server.beginStop()
        try server.waitUntilStopped()
    }

    @Test("our server tells a client that does not keep to the order, or is unknown")
    func strictServer() throws {
        let server = try TestServer { [CertificationService($1).interface] }
        try connect(to: server.path) { client in
            let name = Certification.name
            let id = try await client.connection.call("\(name).Start")
            await #expect { try await client.connection.call("\(name).Test02", id) } throws: { error in
                (error as? VarlinkError)?.name == "org.varlink.service.InvalidParameter"
            }
            await #expect { try await client.connection.call("\(name).End", id) } throws: { error in
                (error as? VarlinkError)?.name == "\(name).CertificationError"
            }
            await #expect(throws: VarlinkError("\(name).ClientIdError")) {
                try await client.connection.call("\(name).Test01", id)
            }
        }
        try server.beginStop()
        try server.waitUntilStopped()
    }

    private func connect(
        to path: String, _ body: @escaping @Sendable (CertificationClient) async throws -> Void
    ) throws {
        try TestLoop.run { loop in
            let connection = try await ClientConnection.connect(to: path, on: loop)
            try await body(CertificationClient(connection: connection))
            connection.close()
        }
    }
}
