import CorundRunner
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Varlink

/// A server with the methods of ``TestMethods``, on a loop in a thread of its own, as a daemon runs it.
final class TestServer: @unchecked Sendable {
    // SAFETY: `server` and `isStopping` are used on the loop's thread alone (see `onLoop`), and `thread` on the test's; the
    // rest does not change.
    let path: String
    /// What the server logged.
    let faults = Happenings()
    /// What the methods told.
    let happenings = Happenings()

    private let folder: TemporaryFolder
    private let loop: EventLoop
    private let stopped: LoopSignal
    private var isStopping = false
    private let server: VarlinkServer
    private let ended = DispatchSemaphore(value: 0)
    private var thread: ForeignThread?

    init(
        limits: ServerLimits = ServerLimits(), finishWithin: Duration = .seconds(5),
        _ interfaces: (EventLoop, Happenings) -> [Interface] = { [TestMethods(loop: $0, happenings: $1).interface] }
    ) throws {
        folder = try TemporaryFolder()
        path = folder.file("socket")
        // SAFETY: made here, and used on the thread alone from then on.
        nonisolated(unsafe) let runner = Runner()
        loop = try runner.loop
        EventLoop.unsetCurrent()
        stopped = LoopSignal(loop: loop)
        server = VarlinkServer(
            loop: loop, service: ServiceInfo(vendor: "v", product: "p", version: "1", url: "u"),
            interfaces: interfaces(loop, happenings), limits: limits,
            onFault: { [faults] message, _ in faults.tell(message) })
        try server.listen(on: Listener(path: path))
        thread = ForeignThread { [self] in
            do {
                try runner.run { [self] in while !isStopping { try await stopped.wait() } }
                try runner.close(taskTimeout: .seconds(5))
                server.finish(within: finishWithin)
            } catch {
                Issue.record(error)
            }
            ended.signal()
        }
    }

    func client() throws -> RawClient { try RawClient(path) }

    /// Runs `body` on the loop and gives what it returns.
    func onLoop<Value: Sendable>(_ body: @escaping @Sendable (VarlinkServer, EventLoop) throws -> Value) throws -> Value
    {
        let done = DispatchSemaphore(value: 0)
        let result = Mutex<Result<Value, any Error>?>(nil)
        try loop.callSoonThreadSafe { [self] in
            let value = Result { try body(server, loop) }
            result.withLock { $0 = value }
            done.signal()
        }
        guard done.wait(timeout: .now() + Happenings.patience) == .success else {
            throw RawClient.Failure(description: "the loop does not turn")
        }
        return try #require(try result.withLock { $0 }?.get())
    }

    var connectionCount: Int {
        get throws { try onLoop { server, _ in server.connectionCount } }
    }

    /// Has the loop end.
    func beginStop() throws {
        try loop.callSoonThreadSafe { [self] in
            isStopping = true
            stopped.notify()
        }
    }

    func waitUntilStopped() throws {
        guard ended.wait(timeout: .now() + Happenings.patience) == .success else {
            throw RawClient.Failure(description: "the server does not end")
        }
        // It holds the server, and a process that ends before it has let go leaves the folder.
        thread.take()?.join()
    }

    /// Runs `body` against a server, checks that it still serves others, and ends it.
    static func run(
        limits: ServerLimits = ServerLimits(), _ body: (TestServer) throws -> Void
    ) throws {
        let server = try TestServer(limits: limits)
        defer {
            #expect(throws: Never.self) {
                try server.beginStop()
                try server.waitUntilStopped()
            }
        }
        try body(server)
        try server.expectServes()
    }

    /// Others are served.
    func expectServes() throws {
        let client = try client()
        try client.call("org.example.Test.Echo", #"{"value":"still here"}"#)
        #expect(try client.receive() == #"{"parameters":{"value":"still here"}}"#)
        client.close()
    }
}
