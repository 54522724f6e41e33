import CorundLoop
import SystemPackage
import Testing
import Varlink

@testable import CorundAPI

struct ReconnectBackoffTests {
    private func pauses(_ count: Int, draw: Double) -> [Duration] {
        var backoff = ReconnectBackoff()
        return (0..<count).map { _ in backoff.nextPause(draw: draw) }
    }

    @Test func doublesUpToTheLongest() {
        #expect(pauses(7, draw: 1) == [100, 200, 400, 800, 1600, 2000, 2000].map { .milliseconds($0) })
    }

    @Test func jitterTakesUpToHalf() {
        #expect(pauses(3, draw: 0) == [50, 100, 200].map { .milliseconds($0) })
        #expect(pauses(1, draw: 0.5) == [.milliseconds(75)])
    }

    @Test func beginsAnewAfterAConnectionThatWorked() {
        var backoff = ReconnectBackoff()
        _ = backoff.nextPause(draw: 1)
        backoff.reset()
        #expect(backoff == ReconnectBackoff())
    }

    private static func unreachable(_ errno: Errno) -> ClientError {
        .unreachable(path: "/s", SystemCallError("connect", errno: errno))
    }

    @Test(
        arguments: [
            ClientError.connectionClosed, unreachable(.noSuchFileOrDirectory), unreachable(.connectionRefused),
            unreachable(.connectionReset), JobsError.draining,
        ] as [any Error])
    func aDaemonThatIsGoneMayComeBack(error: any Error) {
        #expect(ReconnectBackoff.mayPass(error))
    }

    @Test(
        arguments: [
            unreachable(.permissionDenied), unreachable(.fileNameTooLong), ClientError.violation("no JSON"),
            JobsError.noSuchJob(id: "1"), JobsError.storageUnavailable(message: ""), CancellationError(),
            VarlinkError("org.varlink.service.MethodNotFound"),
        ] as [any Error])
    func whatWaitingDoesNotMendIsThrown(error: any Error) {
        #expect(!ReconnectBackoff.mayPass(error))
    }
}

struct EventCursorTests {
    @Test func readsEachEventOnce() {
        var cursor = EventCursor(from: nil)
        #expect([1, 2, 2, 1, 3].map { cursor.admits($0) } == [true, true, false, false, true])
        #expect(cursor.next == 4)
    }

    @Test func beginsWhereItIsToldTo() {
        var cursor = EventCursor(from: 5)
        #expect(cursor.next == 5)
        #expect([4, 5, 6].map { cursor.admits($0) } == [false, true, true])
    }

    @Test func asksForAnyWhileNoneHasCome() {
        #expect(EventCursor(from: nil).next == nil)
    }
}
