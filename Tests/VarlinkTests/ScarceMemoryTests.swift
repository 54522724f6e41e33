import CorundRunner
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Varlink

/// The kernel takes memory for each descriptor that is watched, and may have none.
@Suite("Where descriptors cannot be watched")
struct ScarceMemoryTests {
    @Test("after a rest in which the listener cannot be watched again, there is another rest")
    func listener() throws {
        let selector = StingySelector()
        let loop = EventLoop(clock: MonotonicClock(), selector: selector)
        var rests = 0
        let server = Self.server(on: loop) { _ in
            rests += 1
            // The watch that comes after the rest.
            selector.refuses = { _, before in rests == 1 && before.isEmpty }
            selector.onRefusal = { selector.refuses = nil }
            if rests == 2 { loop.stop() }
        }
        // What is readable and no socket: each accept fails.
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0 && write(ends[1], "x", 1) == 1)
        defer { close(ends[1]) }
        try server.listen(on: Listener(adopting: Descriptor(owning: ends[0])))
        let guardTimer = try loop.callLater(.seconds(30)) { loop.stop() }
        try loop.run()
        guardTimer.cancel()
        #expect(selector.refusals == 1)
        #expect(rests == 2)
        try loop.close()
    }

    @Test("a client that cannot be watched for what it sends is let go of")
    func connection() throws {
        let folder = try TemporaryFolder()
        let selector = StingySelector()
        let loop = EventLoop(clock: MonotonicClock(), selector: selector)
        let server = Self.server(on: loop) { _ in loop.stop() }
        try server.listen(on: Listener(path: folder.file("socket")))
        let client = try RawClient(folder.file("socket"))
        // The second watch of a connection: beside the one for its end.
        selector.refuses = { interest, before in interest.contains(.readable) && before == .hungUp }
        try loop.run()
        try client.expectEnd()
        #expect(server.connectionCount == 0)
        server.stopListening()
        try loop.close()
    }

    @Test("a call that cannot be written to its end ends")
    func call() throws {
        let selector = StingySelector()
        let loop = EventLoop(clock: MonotonicClock(), selector: selector)
        let runner = Runner { loop }
        let guardTimer = try loop.callLater(.seconds(30)) { loop.stop() }
        try runner.run {
            let service = try RawService(loop)
            let client = try await ClientConnection.connect(to: service.path, on: loop)
            try service.accept()
            selector.refuses = { interest, _ in interest.contains(.writable) }
            let large = try RawJSON(validating: #"{"text":"\#(String(repeating: "x", count: 4 << 20))"}"#)
            let call = try loop.spawn { try await client.call("org.example.Test.Now", large) }
            try await service.expectEnd()
            service.close()
            await #expect(throws: ClientError.connectionClosed) { try await call.value }
        }
        guardTimer.cancel()
        #expect(selector.refusals == 1)
        try runner.close()
    }

    private static func server(on loop: EventLoop, onFault: @escaping (String) -> Void) -> VarlinkServer {
        VarlinkServer(
            loop: loop, service: ServiceInfo(vendor: "v", product: "p", version: "1", url: "u"),
            onFault: { fault, _ in onFault(fault) })
    }
}

/// An ``Epoll`` that refuses some of what it is asked to watch.
private final class StingySelector: Selector, @unchecked Sendable {
    // SAFETY: confined to its loop's thread, as the tests make no other one.
    private let epoll = Epoll()
    var refuses: ((Readiness, Readiness) -> Bool)?
    var onRefusal: () -> Void = {}
    private(set) var refusals = 0

    func watch(_ descriptor: CInt, for interest: Readiness, before: Readiness) throws(SystemCallError) {
        if !interest.isEmpty, refuses?(interest, before) == true {
            refusals += 1
            onRefusal()
            throw SystemCallError("epoll_ctl", errno: .noMemory)
        }
        try epoll.watch(descriptor, for: interest, before: before)
    }

    func wait(limit: Int64?, report: (CInt, Readiness) -> Void) throws {
        try epoll.wait(limit: limit, report: report)
    }

    func wake() { epoll.wake() }

    func close() { epoll.close() }

    var wakeDescriptor: CInt {
        get throws(SystemCallError) { try epoll.wakeDescriptor }
    }
}
