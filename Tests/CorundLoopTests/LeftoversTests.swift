import TestSupport
import Testing

@testable import CorundLoop

struct LeftoversTests {
    private static let file: StaticString = "Shop/Counter.swift"

    /// What is reported when a loop is closed on which `leave` has left something.
    private func reports(debugging: Bool = true, _ leave: (EventLoop) throws -> Void) throws -> [String] {
        let reports = Log<String>()
        let loop = EventLoop.virtual()
        loop.isDebugging = debugging
        loop.exceptionHandler = { reports.append($0.description) }
        try leave(loop)
        try loop.close()
        try loop.close()
        return reports.entries
    }

    private func leaveOneOfEach(on loop: EventLoop, _ sockets: SocketPair) throws {
        try loop.spawn(name: "till", fileID: Self.file, line: 1) {
            try await loop.sleep(for: .seconds(1), fileID: Self.file, line: 2)
        }
        try loop.turn()
        try loop.callLater(.milliseconds(10), fileID: Self.file, line: 3) {}
        try loop.callSoon(fileID: Self.file, line: 4) {}
        try loop.callSoonThreadSafe(fileID: Self.file, line: 5) {}
        try loop.addWriter(sockets.ours, fileID: Self.file, line: 7) {}
        try loop.addReader(sockets.ours, fileID: Self.file, line: 6) {}
    }

    @Test func eachThingThatIsLeftAtTheCloseIsReportedWithItsPlace_R71() throws {
        let sockets = try SocketPair()
        let reports = try reports { try leaveOneOfEach(on: $0, sockets) }
        let end = "at close"
        #expect(
            reports == [
                "a task was left over \(end) [task till, made at Shop/Counter.swift:1]",
                "a timer was left over \(end) [made at Shop/Counter.swift:3]",
                "a timer was left over \(end) [made at Shop/Counter.swift:2]",
                "a callback was left over \(end) [made at Shop/Counter.swift:4]",
                "a callback was left over \(end) [made at Shop/Counter.swift:5]",
                "descriptor \(sockets.ours) was still watched for reading \(end) [made at Shop/Counter.swift:6]",
                "descriptor \(sockets.ours) was still watched for writing \(end) [made at Shop/Counter.swift:7]",
            ])
    }

    @Test func withoutDebugModeNothingIsReported_R71() throws {
        let sockets = try SocketPair()
        #expect(try reports(debugging: false) { try leaveOneOfEach(on: $0, sockets) } == [])
    }

    @Test func whatWasEndedIsNotReported_R71() throws {
        let reports = try reports { loop in
            let sockets = try SocketPair()
            try loop.callLater(.seconds(1)) {}.cancel()
            try loop.addReader(sockets.ours) {}
            loop.removeReader(sockets.ours)
            let task = try loop.spawn { try await loop.sleep(for: .seconds(1)) }
            try loop.turn()
            task.cancel()
            try loop.turn(times: 3)
            try loop.callSoon {}.cancel()
        }
        #expect(reports == [])
    }

    @Test func whatTheLoopMadeForItsOwnEndsIsNotReported_R71() throws {
        let reports = try reports { loop in
            let task = try loop.spawn { try await loop.sleep(for: .seconds(1)) }
            try loop.turn()
            task.cancel()  // leaves a callback with which the sleep would end
        }
        #expect(reports.count == 2, "the task and its timer: \(reports)")
    }

    @Test func aLoopsOwnDescriptorsAreNotReported_R71() throws {
        let sockets = try SocketPair()
        let reports = try reports { loop in
            try loop.addSignalHandler(28) {}
            try loop.addHangUpHandler(sockets.ours) {}
            try loop.addReader(sockets.ours) {}
        }
        #expect(reports == [])
    }

    @Test func aHandlerMayCloseTheLoopAgain_R71() throws {
        let loop = EventLoop.virtual()
        let reports = Log<String>()
        loop.isDebugging = true
        loop.exceptionHandler = { [unowned loop] report in
            reports.append(report.message)
            try loop.close()
            #expect(throws: EventLoopError.closed) { try loop.callSoon {} }
        }
        try loop.callSoon {}
        try loop.close()
        #expect(reports.count == 1)
    }
}
