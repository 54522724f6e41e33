import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import CorundLoop

struct ChildTests {
    /// Starts a shell with no signal blocked, and a standard input of its own.
    private func shell(_ command: String, input: CInt? = nil) throws -> pid_t {
        try startProcess(["/bin/sh", "-c", command]) { actions in
            if let input { posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO) }
        }
    }

    /// A child that lives until it reads a line from `sockets`.
    private func waitingShell(_ sockets: SocketPair) throws -> pid_t {
        _ = fcntl(sockets.theirs, F_SETFL, 0)
        _ = fcntl(sockets.ours, F_SETFD, FD_CLOEXEC)
        return try shell("read line; exit 5", input: sockets.theirs)
    }

    /// Blocks until the child has ended, and does not reap it.
    private func waitUntilItHasEnded(_ process: pid_t) {
        var info = siginfo_t()
        waitid(P_PID, id_t(process), &info, WEXITED | WNOWAIT)
    }

    @Test(arguments: [
        ("exit 0", ChildStatus.exited(0)), ("exit 3", .exited(3)), ("kill -9 $$", .signalled(SIGKILL)),
        ("kill -15 $$", .signalled(SIGTERM)),
    ])
    func aChildsEndIsToldOnTheLoop_R47(command: String, status: ChildStatus) throws {
        try withLoop { loop in
            let child = try shell(command)
            let told = try loop.complete {
                let status = try await loop.waitForExit(of: child)
                #expect(loop.isOnItsThread)
                return status
            }
            #expect(told == status && told.isSuccess == (status == .exited(0)))
            #expect(waitpid(child, nil, WNOHANG) == -1, "it was not reaped")
        }
    }

    @Test func aSleepingLoopWakesForAChild_R47() throws {
        let selector = try ObservedSelector()
        try withLoop({ EventLoop(clock: MonotonicClock(), selector: selector) }) { loop in
            let sockets = try SocketPair()
            let child = try waitingShell(sockets)
            let end = sockets.ours
            let other = ForeignThread { [asleep = selector.asleep] in
                asleep.wait()
                _ = write(end, "\n", 1)
            }
            let status = try loop.complete { try await loop.waitForExit(of: child) }
            other.join()
            #expect(status == .exited(5))
        }
    }

    @Test func aChildThatHadEndedBeforeIsNoSpecialCase_R47() throws {
        try withLoop { loop in
            let child = try shell("exit 4")
            waitUntilItHasEnded(child)
            #expect(try loop.complete { try await loop.waitForExit(of: child) } == .exited(4))
        }
    }

    @Test func aHundredChildrenAtOnceAreToldApart_R47() throws {
        try withLoop { loop in
            let children = try (0..<100).map { try shell("exit \($0)") }
            let waits = try children.map { child in try loop.spawn { try await loop.waitForExit(of: child) } }
            let statuses = try loop.complete {
                var statuses: [ChildStatus] = []
                for wait in waits { statuses.append(try await wait.value) }
                return statuses
            }
            #expect(statuses == (0..<100).map { .exited($0) })
        }
    }

    @Test func aCancelledWaitLeavesTheChildToBeWaitedForAgain_R47() throws {
        try withLoop { loop in
            let sockets = try SocketPair()
            let child = try waitingShell(sockets)
            let wait = try loop.spawn { try await loop.waitForExit(of: child) }
            try loop.turn()
            #expect(loop.watches.count == 1)
            wait.cancel()
            #expect(throws: CancellationError.self) { try loop.complete { try await wait.value } }
            #expect(loop.watches.isEmpty)
            _ = write(sockets.ours, "\n", 1)
            #expect(try loop.complete { try await loop.waitForExit(of: child) } == .exited(5))
        }
    }

    @Test func aWaitThatHasEndedLeavesNoDescriptorOpen_R47() throws {
        try withLoop { loop in
            let sockets = try SocketPair()
            let child = try waitingShell(sockets)
            let wait = try loop.spawn { try await loop.waitForExit(of: child) }
            try loop.turn()
            #expect(try descriptorCount(of: child) == 1)
            wait.cancel()
            #expect(throws: CancellationError.self) { try loop.complete { try await wait.value } }
            #expect(try descriptorCount(of: child) == 0)
            _ = write(sockets.ours, "\n", 1)
            _ = try loop.complete { try await loop.waitForExit(of: child) }
        }
    }

    /// Those of the whole process cannot be counted while other tests run.
    private func descriptorCount(of child: pid_t) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fdinfo").count { number in
            // Others are closed meanwhile.
            let information = try? String(contentsOfFile: "/proc/self/fdinfo/\(number)", encoding: .utf8)
            return information?.split(separator: "\n").contains("Pid:\t\(child)") == true
        }
    }

    @Test func whatIsNoChildIsRefused_R47() throws {
        try withLoop { loop in
            let reaped = try shell("exit 0")
            #expect(waitpid(reaped, nil, 0) == reaped)
            for process in [1, getpid(), getppid(), reaped, 0, -1, pid_t.max] {
                #expect(throws: EventLoopError.notAChild(process)) {
                    try loop.complete { try await loop.waitForExit(of: process) }
                }
            }
        }
    }

    @Test func aStatusThatSomeoneElseHasTakenIsLostAloud_R47() throws {
        try withLoop { loop in
            let sockets = try SocketPair()
            let child = try waitingShell(sockets)
            let wait = try loop.spawn { try await loop.waitForExit(of: child) }
            try loop.turn()
            _ = write(sockets.ours, "\n", 1)
            #expect(waitpid(child, nil, 0) == child)
            #expect(throws: EventLoopError.childStatusLost(child)) { try loop.complete { try await wait.value } }
        }
    }

    @Test func whatCannotBeWaitedForHereIsRefused_R47() throws {
        try withLoop { loop in
            try withLoop { other in
                #expect(throws: EventLoopError.wrongThread) {
                    try loop.complete { try await other.waitForExit(of: 1) }
                }
            }
            let closed = try EventLoop()
            try closed.close()
            #expect(throws: EventLoopError.closed) { try loop.complete { try await closed.waitForExit(of: 1) } }
        }
    }

    @Test func statusesAreToldInWords() {
        #expect(ChildStatus.exited(3).description == "exited with code 3")
        #expect(ChildStatus.signalled(9).description == "was ended by signal 9")
        #expect(ChildStatus.signalled(6, dumpedCore: true).description == "was ended by signal 6, and dumped core")
    }
}
