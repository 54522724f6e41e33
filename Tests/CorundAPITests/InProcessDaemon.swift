import CorundRunner
import Glibc
import Varlink

@testable import CorundAPI

/// A daemon with one interface, on the loop of the test, which can end and be started anew at the same path.
final class InProcessDaemon {
    let path: String
    private let loop: EventLoop
    private let directory: String
    private var server: VarlinkServer?

    init(on loop: EventLoop) throws {
        var template = Array("/tmp/corund-api-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemCallError("mkdtemp") }
        directory = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        path = directory + "/s"
        self.loop = loop
    }

    deinit {
        end()
        for name in ["s", "s.lock"] { unlink("\(directory)/\(name)") }
        rmdir(directory)
    }

    /// Runs `body` on a loop of its own.
    static func run(_ body: @escaping @Sendable (EventLoop) async throws -> Void) throws {
        try Runner.run {
            guard let loop = EventLoop.running else { return }
            try await body(loop)
        }
    }

    func start(_ method: String, of name: String = InterfaceName.jobs, _ handler: @escaping MethodHandler) throws {
        var interface = Interface(name: name, description: "")
        interface.handle(method, handler)
        let info = ServiceInfo(vendor: "", product: "", version: "", url: "")
        let server = VarlinkServer(loop: loop, service: info, interfaces: [interface])
        try server.listen(on: Listener(path: path))
        self.server = server
    }

    func end() {
        server?.finish(within: .zero)
        server = nil
    }
}
