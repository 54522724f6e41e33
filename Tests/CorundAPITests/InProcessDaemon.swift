import CorundRunner
import Glibc
import TestSupport
import Varlink

@testable import CorundAPI

/// A daemon with one interface, on the loop of the test, which can end and be started anew at the same path.
final class InProcessDaemon {
    let path: String
    private let loop: EventLoop
    private let folder: TemporaryFolder
    private var server: VarlinkServer?

    init(on loop: EventLoop) throws {
        folder = try TemporaryFolder()
        path = folder.file("s")
        self.loop = loop
    }

    deinit {
        end()
    }

    /// Runs `body` on a loop of its own.
    static func run(_ body: @escaping @Sendable (EventLoop) async throws -> Void) throws {
        try Runner.run {
            guard let loop = EventLoop.running else { return }
            try await body(loop)
        }
    }

    func start(_ method: String, of name: String = InterfaceName.jobs, _ handler: @escaping MethodHandler) throws {
        var interface = Interface(name: name, description: "", requirement: nil)
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
