/// How many steps of a generator may follow one another at once, before everything else on the loop has its turn.
struct StepBudget {
    /// As many as tokio lets a task take.
    static let steps = 128

    private var tick: UInt64?
    private var left = 0

    /// Takes a step from what a tick may have; false when nothing is left of that.
    mutating func takeStep(inTick present: UInt64) -> Bool {
        if tick != present {
            tick = present
            left = Self.steps
        }
        guard left > 0 else { return false }
        left -= 1
        return true
    }
}
