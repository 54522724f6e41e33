package import CorundAPI

/// The daemon's health as a plug-in of Nagios, Icinga or another monitor of that family tells it: a line, and a status
/// from 0 to 3.
///
/// As the Monitoring Plugins Development Guidelines have it.
package struct NagiosReport: Equatable {
    package enum Level: Int32 {
        case ok = 0
        case warning = 1
        case critical = 2
        case unknown = 3

        fileprivate var word: String {
            switch self {
            case .ok: "OK"
            case .warning: "WARNING"
            case .critical: "CRITICAL"
            case .unknown: "UNKNOWN"
            }
        }
    }

    package let level: Level
    package let line: String

    private init(_ level: Level, _ text: String, performance: String = "") {
        self.level = level
        // A vertical bar begins the performance data.
        let text = String(text.printable.map { $0 == "|" ? "/" : $0 })
        line = "CORUND \(level.word) - \(text)\(performance)"
    }

    /// - Parameters:
    ///   - health: what the daemon answered.
    ///   - mustBeReady: one that does not admit work is critical, and not a warning.
    package init(_ health: Health, mustBeReady: Bool) {
        let level: Level =
            switch (health.live, health.ready) {
            case (false, _): .critical
            case (true, false): mustBeReady ? .critical : .warning
            case (true, true): health.reasons.isEmpty ? .ok : .warning
            }
        self.init(
            level, ServiceReport(.plain).line(health), performance: " | tick_age=\(health.lastTickAgeMicroseconds)us")
    }

    /// A daemon that cannot be reached, or does not answer, is critical; whatever else keeps us from knowing is unknown.
    package init(_ error: any Error) {
        let level: Level = ExitStatus(error) == .unreachable ? .critical : .unknown
        self.init(level, Complaint(error)?.text ?? "\(error)")
    }
}
