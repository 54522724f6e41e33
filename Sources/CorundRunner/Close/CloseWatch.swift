import CorundLoop
import Glibc

/// Says what a step of a close waits for when that takes long: once after a while, and at each interrupt.
///
/// A close without limits waits for as long as it takes, as `asyncio.Runner.close` does, and whoever sits before it should
/// not have to guess for what.
final class CloseWatch {
    /// How long a step waits in silence.
    private static let patience = Duration.seconds(10)

    private let loop: EventLoop
    private let hearsInterrupts: Bool
    private var timer: TimerHandle?
    private lazy var interrupts = Handle { [unowned loop] in loop.reportWhatTheCloseWaitsFor() }

    /// A watch that has not begun.
    ///
    /// - Parameters:
    ///   - loop: the loop that is about to be closed.
    ///   - hearsInterrupts: whether SIGINT is the close's matter.
    init(_ loop: EventLoop, hearsInterrupts: Bool) {
        self.loop = loop
        self.hearsInterrupts = hearsInterrupts
    }

    /// To be called before a step's wait.
    func begin() throws {
        if hearsInterrupts, timer == nil { try loop.setSignalHandler(SIGINT, interrupts) }
        timer?.cancel()
        timer = try loop.callLater(Self.patience) { [unowned loop] in loop.reportWhatTheCloseWaitsFor() }
    }

    /// To be called before the loop is closed.
    func end() {
        guard let timer else { return }
        timer.cancel()
        _ = loop.takeSignalHandler(SIGINT, ifStill: interrupts)
    }
}

extension EventLoop {
    fileprivate func reportWhatTheCloseWaitsFor() {
        for task in tasksToEnd where task.isOfTheProgram {
            report(
                ExceptionReport(
                    message: "the runner's close waits for a task that was cancelled and has not ended",
                    taskName: task.name, createdAt: task.createdAt))
        }
        reportClosingGenerators("the runner's close waits for an asynchronous generator")
        let busy = blockingPoolCounts.busy
        guard busy > 0 else { return }
        let threads = busy == 1 ? "a thread" : "\(busy) threads"
        report(ExceptionReport(message: "the runner's close waits for \(threads) of the blocking pool"))
    }
}
