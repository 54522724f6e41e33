import CorundAPI
import CorundCommandLine
import CorundLoop

/// How far a job has come, on the terminal, while something else waits for it.
///
/// What goes wrong here is silent: who waits for the job will say it.
final class JobProgress: @unchecked Sendable {
    // SAFETY: confined to the loop's thread, as its session; Sendable so that a task of that loop may share it.

    private let line: LiveLine
    private let loop: EventLoop
    private let start: LoopTime
    private var report: ProgressReport
    private var timer: TimerHandle?
    private var watching: LoopTask<Void>?

    /// How soon progress is worth a line; quick jobs show none.
    private static let tick = Duration.seconds(1)

    /// Nil when nobody looks on.
    init?(_ title: String, in session: Session) {
        guard let live = session.live else { return nil }
        line = live
        loop = session.loop
        start = loop.now
        report = ProgressReport(title: title)
        scheduleTick()
    }

    /// Shows the progress of a detached job, from a connection of its own: replies on one come in the order of calls.
    func follow(_ id: String, at path: String) {
        watching = try? loop.spawn(name: "progress") { [self] in
            guard let client = try? await Client.connect(to: path) else { return }
            defer { client.close() }
            guard let events = try? client.watch(id) else { return }
            while let event = try? await events.next() { note(event) }
        }
    }

    func stop() {
        timer?.cancel()
        watching?.cancel()
        line.clear()
    }

    private func note(_ event: Event) {
        guard let progress = event.progress else { return }
        report.fraction = progress.fraction
        report.note = progress.note
        if loop.now.duration(since: start) >= Self.tick { show() }
    }

    private func scheduleTick() {
        timer = try? loop.callLater(Self.tick) { [unowned self] in
            show()
            scheduleTick()
        }
    }

    private func show() {
        report.elapsed = loop.now.duration(since: start)
        line.show(report.line(width: line.width))
    }
}
