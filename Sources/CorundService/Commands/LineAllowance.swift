import CorundLoop

/// How many lines of a program's output go to the log: so many in a time, and the others are counted.
///
/// By default half of what journald takes of a whole service, so that a program that writes without end costs the loop
/// little, and does not keep its own end out of the journal. Pure.
struct LineAllowance {
    private let lines: Int
    private let period: Duration
    private var taken = 0
    private var periodEnd = LoopTime(nanoseconds: 0)
    private var leftOut = 0

    init(lines: Int = 5000, period: Duration = .seconds(30)) {
        self.lines = lines
        self.period = period
    }

    /// Whether another line may be logged; one that may not is counted.
    mutating func admits(at now: LoopTime) -> Bool {
        if taken == 0 || now >= periodEnd {
            taken = 0
            periodEnd = now + period
        }
        guard taken < lines else {
            leftOut += 1
            return false
        }
        taken += 1
        return true
    }

    /// Lines that were not logged since this was asked last.
    mutating func takeLeftOut() -> Int {
        defer { leftOut = 0 }
        return leftOut
    }
}
