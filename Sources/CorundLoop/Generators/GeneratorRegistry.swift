/// What a loop needs of a generator that lives on it.
protocol LiveGenerator: AnyObject {
    /// For people; not unique.
    var name: String { get }
    /// `file:line` where the generator was made.
    var createdAt: String { get }
    /// Whether nobody has asked for the generator's end.
    var isOpen: Bool { get }
    /// Whether the loop waits for it no more.
    var isGivenUp: Bool { get }

    /// Closes the generator; cancels the body if a consumer waits for it, because that consumer will not end otherwise.
    func shutDown()
    /// Waits until the generator has ended or ``giveUp()``, whatever becomes of the caller.
    func waitUntilEnded() async
    func giveUp()
    /// The loop will never run again.
    func loopClosed()
}

/// The generators of a loop that have begun and not ended.
///
/// It keeps them, and not their handles: when a handle goes, the generator is closed.
struct GeneratorRegistry {
    private var generators: [ObjectIdentifier: (number: UInt64, generator: any LiveGenerator)] = [:]
    private var lastNumber: UInt64 = 0
    var isShutDown = false

    var count: Int { generators.count }

    /// In the order in which they began.
    var live: [any LiveGenerator] {
        generators.values.sorted { $0.number < $1.number }.map(\.generator)
    }

    mutating func insert(_ generator: any LiveGenerator) {
        lastNumber += 1
        generators[ObjectIdentifier(generator)] = (lastNumber, generator)
    }

    mutating func remove(_ generator: any LiveGenerator) {
        generators[ObjectIdentifier(generator)] = nil
    }

    mutating func removeAll() -> [any LiveGenerator] {
        defer { generators = [:] }
        return live
    }
}
