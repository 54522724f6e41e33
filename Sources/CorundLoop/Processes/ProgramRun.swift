import Glibc
import SystemPackage

/// How a program ended, and what it took.
package struct ProgramEnd: Sendable, Equatable {
    package let status: ChildStatus
    package let usage: ResourceUsage
}

extension EventLoop {
    /// Runs a program to its end, and that of the process group which it leads.
    ///
    /// To be called on the loop, which starts one program in a tick. When the task is cancelled, all of the group is sent
    /// SIGTERM and, after `grace`, SIGKILL; the call returns when the program was reaped. What has left the group (by
    /// setsid, as daemons do) is not ended.
    ///
    /// When the program has ended by itself, others of its group that still hold its output have `grace` to end as well;
    /// the rest are ended with it, by SIGKILL. When the loop is closed, all of the group is killed, and the call does not
    /// return.
    ///
    /// - Parameters:
    ///   - program: what to run.
    ///   - grace: from SIGTERM to SIGKILL.
    ///   - receive: is given what the program writes, piece by piece, in order; 32 KiB at most of each stream in a tick.
    /// - Returns: how the program ended, also when it was asked to: a task that is cancelled after its program has ended is
    ///   told so.
    /// - Throws: `CancellationError` when the program was asked to end before it did; ``SystemCallError`` when it cannot be
    ///   started; ``EventLoopError/childStatusLost(_:)`` where SIGCHLD is ignored; ``EventLoopError/wrongThread``;
    ///   ``EventLoopError/closed``.
    package func run(
        _ program: Program, grace: Duration, receive: @escaping (StandardStream, [UInt8]) -> Void
    ) async throws -> ProgramEnd {
        try checkOnItsThread()
        try await waitForTurnToStart()
        let run = try ProgramRun(program, on: self, grace: grace, receive: receive)
        return try await cancellableWait {
            run.start($0)
        } onCancel: {
            run.stopFromAnyThread()
        }
    }

    /// Lets one program start in a tick: the loop stands still meanwhile, and many at once would hold it for long.
    private func waitForTurnToStart() async throws {
        try Task.checkCancellation()
        while lastProgramStart == tickCount {
            await EventLoop.yield()
            try Task.checkCancellation()
        }
        lastProgramStart = tickCount
    }
}

/// Does for one program what its ``ProgramGroup`` decides.
///
/// By callbacks of the loop and not in a task: the end of a cancelled task's program must be waited for all the same.
final class ProgramRun: @unchecked Sendable {
    // SAFETY: confined to the loop's thread; `stopFromAnyThread` hands over to it.

    private let loop: EventLoop
    private let child: ChildDescriptor
    private let parentPeak: Int64
    private let pipes: [OutputPipe]
    private let grace: Duration
    private let receive: (StandardStream, [UInt8]) -> Void
    private var group = ProgramGroup()
    private var timer: TimerHandle?
    /// The timer with which the others of the group are looked at, and how long it was.
    private var look: TimerHandle?
    private var lookDelay = ProgramRun.firstLook
    /// What the program came to, once it was reaped.
    private var end: Result<ProgramEnd, any Error>?
    private var waiting: UnsafeContinuation<ProgramEnd, any Error>?
    private var isOver = false

    /// Between two looks: twice as long each time.
    private static let firstLook = Duration.milliseconds(2)
    private static let lastLook = Duration.milliseconds(100)
    /// For what is in the pipes when nobody of the group is left to write.
    private static let drainTime = Duration.milliseconds(500)
    /// For a killed program to be gone when the loop is closed, which cannot wait otherwise.
    private static let millisecondsAtClose: CInt = 100

    /// Starts the program.
    init(
        _ program: Program, on loop: EventLoop, grace: Duration,
        receive: @escaping (StandardStream, [UInt8]) -> Void
    ) throws {
        let started = try program.start()
        self.loop = loop
        self.grace = grace
        self.receive = receive
        parentPeak = started.parentPeak
        pipes = started.pipes
        child = started.child
    }

    func start(_ continuation: UnsafeContinuation<ProgramEnd, any Error>) {
        waiting = continuation
        loop.programs[ObjectIdentifier(self)] = self
        do {
            try loop.addReader(child.number) { [self] in programEnded() }
            for pipe in pipes { try loop.addReader(pipe.number) { [self] in read(pipe) } }
        } catch {
            abandon()
            waiting = nil
            continuation.resume(throwing: error)
        }
    }

    /// A cancellation may come before the start, and from any thread.
    func stopFromAnyThread() {
        if loop.isOnItsThread { stop() } else { try? loop.callSoonThreadSafe { [self] in stop() } }
    }

    /// Ends all of the group now.
    func kill() {
        if !isOver { perform(group.kill(outputIsOpen: outputIsOpen)) }
    }

    /// Ends all of the group, for want of a loop that would hear of its end.
    func abandon() {
        child.signalGroup(SIGKILL)
        child.blockUntilItEnds(milliseconds: Self.millisecondsAtClose)
        _ = try? child.reap(orThrow: .closed)
        finish()
    }

    // MARK: What happens

    private func stop() {
        if !isOver { perform(group.stop()) }
    }

    private func programEnded() {
        do {
            guard let told = try child.reap(orThrow: .childStatusLost(child.process)) else { return }
            end = .success(
                ProgramEnd(status: ChildStatus(told), usage: ResourceUsage(told, parentPeak: parentPeak)))
        } catch {
            end = .failure(error)
        }
        loop.unwatch(child.number)
        perform(group.programEnded(othersLive: child.groupIsThere, outputIsOpen: outputIsOpen))
    }

    private func read(_ pipe: OutputPipe) {
        guard let piece = pipe.read() else { return }
        if !piece.isEmpty { return receive(pipe.stream, piece) }
        close(pipe)
        if !outputIsOpen { perform(group.outputEnded(othersLive: child.groupIsThere)) }
    }

    private func lookAtOthers() {
        lookDelay = min(lookDelay * 2, Self.lastLook)
        perform(group.looked(othersLive: child.groupIsThere, outputIsOpen: outputIsOpen))
    }

    private func timeIsUp() {
        perform(group.timeIsUp(outputIsOpen: outputIsOpen))
    }

    // MARK: What is done

    private func perform(_ actions: [ProgramGroup.Action]) {
        for action in actions {
            switch action {
            case .terminate:
                child.signalGroup(SIGTERM)
                child.signalGroup(SIGCONT)  // what is stopped hears nothing else
            case .kill: child.signalGroup(SIGKILL)
            case .allowGrace: setTimer(grace)
            case .allowDraining: setTimer(Self.drainTime)
            case .lookAgain: look = try? loop.callLater(lookDelay) { [self] in lookAtOthers() }
            case .finish: finish()
            }
        }
    }

    private func setTimer(_ limit: Duration) {
        timer?.cancel()
        timer = try? loop.callLater(limit) { [self] in timeIsUp() }
    }

    private func finish() {
        isOver = true
        timer?.cancel()
        look?.cancel()
        loop.unwatch(child.number)
        for pipe in pipes where pipe.isOpen { close(pipe) }
        loop.programs[ObjectIdentifier(self)] = nil
        guard let end, let waiting else { return }
        self.waiting = nil
        if group.wasStopped, case .success = end {
            waiting.resume(throwing: CancellationError())
        } else {
            waiting.resume(with: end)
        }
    }

    private var outputIsOpen: Bool { pipes.contains(where: \.isOpen) }

    private func close(_ pipe: OutputPipe) {
        loop.unwatch(pipe.number)
        pipe.close()
    }
}

extension EventLoop {
    /// Sends SIGKILL to the group of every program that runs, without a grace; whoever waits for one hears of its end.
    package func killPrograms() {
        for program in programs.values { program.kill() }
    }

    /// Ends the programs that still run, at the close.
    func abandonPrograms() {
        for program in programs.values { program.abandon() }
    }
}
