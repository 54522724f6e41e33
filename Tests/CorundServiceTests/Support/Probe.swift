import CorundAPI
import CorundLoop
import Varlink

@testable import CorundService

/// A job that notes what becomes of it, without a board.
final class Probe: JobExecution, @unchecked Sendable {
    // SAFETY: as its superclass.
    private let survives: Bool
    private let isWaiting: Bool
    /// Whether its start is being recorded until somebody calls `launch`.
    private let startsLater: Bool
    private(set) var ends: [(action: JobMachine.Action, outcome: JobOutcome)] = []
    private(set) var turns: [LoopTime] = []
    /// How many jobs had had their turn before it.
    private(set) var ticket = UInt64.max

    static func kind(_ name: String = "probe") -> RegisteredKind {
        RegisteredKind(name: name, options: KindOptions(), check: { _ in }, run: { arguments, _ in arguments })
    }

    init(
        _ id: UInt64, kind: RegisteredKind = kind(), group: String? = nil, priority: Int = 0, isDelayed: Bool = false,
        maxAttempts: Int = 1, timeoutMilliseconds: Int? = nil, arguments: RawJSON = .emptyObject,
        survives: Bool = false, startsLater: Bool = false, waitsForItsKind: Bool = true
    ) {
        self.survives = survives
        isWaiting = waitsForItsKind
        self.startsLater = startsLater
        super.init(
            id: JobID(id), kind: kind, arguments: arguments, context: .shared, group: group, priority: priority,
            timeoutMilliseconds: timeoutMilliseconds,
            machine: JobMachine(isDelayed: isDelayed, maxAttempts: maxAttempts))
    }

    override var survivesDaemon: Bool { survives }
    override var waitsForItsKind: Bool { isWaiting }

    override func willStart(on scheduler: Scheduler) {
        turns.append(scheduler.loop.now)
        ticket = UInt64(scheduler.statistics.total(.running))
        if !startsLater { scheduler.launch(self) }
    }

    override func didEnd(_ action: JobMachine.Action, _ outcome: JobOutcome, pause: Duration) {
        ends.append((action, outcome))
    }

    var state: JobState { machine.state }

    /// Why it was cancelled, if it was.
    var cancelReason: String? {
        guard case .cancelled(.request(let reason))? = ends.last?.outcome else { return nil }
        return reason
    }
}
