import CLinux
import CorundAPI
import CorundLoop
import Glibc
import Testing
import Varlink

@testable import CorundService

/// Calls that want no answer, as far as they would wait for one.
struct OnewayTests {
    /// Nobody is there whose hanging up would end it, and the job may never end.
    @Test(arguments: ["Wait", "Watch"])
    func whatNobodyIsToldOfIsNotWaitedFor(method: String) throws {
        try Reception.run { reception in
            let alice = try await reception.connect(as: .alice)
            let job = Submission(job: "sleep", arguments: RawJSON(unchecked: Array(#"{"seconds":3600}"#.utf8)))
            let id = try await alice.submit(job).id
            let before = reception.loop.taskCount
            var calls = JSONWriter()
            for _ in 0..<10 {
                let parameters = #"{"id":"\#(id)","from":100}"#
                Message.appendCall(
                    "io.corund.Jobs.\(method)", parameters: RawJSON(unchecked: Array(parameters.utf8)),
                    flags: [.more, .oneway], to: &calls)
            }
            Message.appendCall(
                "io.corund.Jobs.Submit", parameters: RawJSON(unchecked: Array(#"{"submission":{"job":"echo"}}"#.utf8)),
                flags: .oneway, to: &calls)
            try Self.send(calls.bytes, to: reception.path)
            while await Reception.outcome(of: { _ = try await alice.get("2") }) != nil {}  // all calls have come
            for _ in 0..<100 { _ = try await alice.get(id) }
            #expect(reception.loop.taskCount <= before + 1, "the last job has a carrier of its own")
            _ = try await alice.cancel(id)
        }
    }

    private static func send(_ bytes: [UInt8], to path: String) throws {
        let socket = Descriptor(
            owning: try SystemCallError.check(Glibc.socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0), "socket"))
        try SystemCallError.check(corund_connect_unix(socket.number, path), "connect")
        #expect(Glibc.send(socket.number, bytes, bytes.count, 0) == bytes.count)
    }
}
