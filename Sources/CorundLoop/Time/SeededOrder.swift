/// Chooses, by a seed, one of the orders that the ready work of a tick may have.
struct SeededOrder {
    private var random: SplitMix64

    /// Work that keeps its order among itself.
    enum Lane: CaseIterable {
        case callbacks
        case timers
    }

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    /// Every order that keeps that inside of each lane is equally likely; nil stands for work that is in none.
    ///
    /// Work that `gaveWay` to the rest comes after it.
    mutating func permute<Item>(
        _ items: inout [Item], keepingOrderIn lane: (Item) -> Lane?, gaveWay: (Item) -> Bool = { _ in false }
    ) {
        guard items.count > 1 else { return }
        let before = items
        items.shuffle(using: &random)
        for each in Lane.allCases {
            let places = items.indices.filter { lane(items[$0]) == each }
            for (place, item) in zip(places, before.filter { lane($0) == each }) { items[place] = item }
        }
        items = items.filter { !gaveWay($0) } + items.filter(gaveWay)
    }

    /// One of two ways that are equally likely.
    mutating func chooses() -> Bool {
        Bool.random(using: &random)
    }
}

extension ReadyItem {
    /// Whether it is a task that let everything else that was ready have its turn.
    var gaveWay: Bool {
        if case .turn = self { true } else { false }
    }

    /// The order of tasks among each other is not promised; that of callbacks and timers is.
    var lane: SeededOrder.Lane? {
        switch self {
        case .job, .isolatedJob, .defaultJob, .turn: nil
        case .handle(let handle): handle is TimerHandle ? .timers : .callbacks
        }
    }
}

/// A small generator of random numbers that has one sequence for each seed, on every machine.
package struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
