import CorundLoop
import Foundation
import Synchronization
import TestSupport
import Varlink

/// A Varlink service that answers what a test tells it to, on a loop and a thread of its own.
final class FakeDaemon: Sendable {
    /// What a method does when it is called.
    enum Answer: Sendable {
        /// Answers with these parameters; all but the last reply promise another one.
        case replies([String])
        /// Answers with these parameters, each promising another reply, and then no more.
        case beginning([String])
        case error(String, String = "{}")
        /// Does not answer.
        case silence
        /// Answers once, and ends the service in the same breath.
        case replyAndEnd(String)
        /// Ends the service, and with it the connection.
        case end

        static func reply(_ parameters: String) -> Answer { .replies([parameters]) }
    }

    /// A call as it came.
    struct Received: Sendable, Equatable {
        let method: String
        let parameters: String
        let wantsMore: Bool

        init(_ method: String, _ parameters: String, wantsMore: Bool = false) {
            self.method = method
            self.parameters = parameters
            self.wantsMore = wantsMore
        }
    }

    /// The calls, as they come.
    let calls: AsyncStream<Received>
    /// A value for each call that was hung up on before it was answered.
    let hangUps: AsyncStream<Void>

    private let log = Mutex<[Received]>([])
    private let folder: TemporaryFolder
    private let loop: EventLoop
    private let ended = DispatchSemaphore(value: 0)

    var socket: String { folder.file("s") }
    var received: [Received] { log.withLock { $0 } }

    /// Serves until ``stop()``.
    ///
    /// - Parameters:
    ///   - answers: by the method's name without its interface; several answers are given in turn.
    ///   - place: where to make the socket, for one that comes after another; a place of its own when absent.
    /// - Throws: what keeps it from listening.
    init(_ answers: [String: [Answer]], in place: TemporaryFolder? = nil) throws {
        let (calls, callsInput) = AsyncStream.makeStream(of: Received.self)
        let (hangUps, hangUpsInput) = AsyncStream.makeStream(of: Void.self)
        self.calls = calls
        self.hangUps = hangUps
        folder = try place ?? TemporaryFolder()
        loop = try EventLoop()
        var interfaces = ["io.corund.Jobs", "io.corund.Service"].map {
            Interface(name: $0, description: "", requirement: nil)
        }
        for (method, answers) in answers {
            var answers = answers[...]
            let handler: MethodHandler = { [unowned self] call in
                let parameters = String(decoding: call.parameters.text, as: UTF8.self)
                let received = Received(String(call.method), parameters, wantsMore: call.flags.contains(.more))
                log.withLock { $0.append(received) }
                callsInput.yield(received)
                let answer = answers.count > 1 ? answers.removeFirst() : answers.first ?? .silence
                give(answer, to: call, HangUp(hangUpsInput))
            }
            for index in interfaces.indices { interfaces[index].handle(method, handler) }
        }
        let info = ServiceInfo(vendor: "test", product: "fake", version: "1", url: "")
        let server = VarlinkServer(loop: loop, service: info, interfaces: interfaces)
        try server.listen(on: try Listener(path: folder.file("s")))
        serve(server)
    }

    private func serve(_ server: VarlinkServer) {
        // SAFETY: the server is the new thread's alone from here on.
        nonisolated(unsafe) let server = server
        Thread.detachNewThread { [self] in
            try? loop.run()
            server.finish(within: .zero)
            try? loop.close()
            ended.signal()
        }
    }

    private func give(_ answer: Answer, to call: IncomingCall, _ caller: HangUp) {
        switch answer {
        case .replies(let replies):
            for (index, reply) in replies.enumerated() {
                call.reply.send(continues: index < replies.count - 1) { $0.bytes += Array(reply.utf8) }
            }
        case .beginning(let replies):
            for reply in replies { call.reply.send(continues: true) { $0.bytes += Array(reply.utf8) } }
            call.reply.setCaller(caller)
        case .error(let name, let parameters):
            call.reply.fail(VarlinkError(name, parameters: RawJSON(unchecked: Array(parameters.utf8))))
        case .silence: call.reply.setCaller(caller)
        case .replyAndEnd(let reply):
            call.reply.send { $0.bytes += Array(reply.utf8) }
            loop.stop()
        case .end: loop.stop()
        }
    }

    /// Ends the service; nobody can connect any more when this returns.
    func stop() {
        try? loop.callSoonThreadSafe { [loop] in loop.stop() }
        ended.wait()
    }

    private final class HangUp: Caller {
        private let hangUps: AsyncStream<Void>.Continuation

        init(_ hangUps: AsyncStream<Void>.Continuation) {
            self.hangUps = hangUps
        }

        func callerHungUp() {
            hangUps.yield()
        }
    }
}
