/// How many pieces of tasks may run inside of one, before everything else on the loop has its turn.
struct StepBudget {
    /// As many as tokio lets a task take.
    static let steps = 128

    private var piece: Piece?
    private var left = 0

    /// What a tick runs, by its place there.
    struct Piece: Equatable {
        let tick: UInt64
        let number: Int
    }

    /// Takes a step from what a piece may make; false when nothing is left of that.
    mutating func takeStep(in present: Piece) -> Bool {
        if piece != present {
            piece = present
            left = Self.steps
        }
        guard left > 0 else { return false }
        left -= 1
        return true
    }
}
