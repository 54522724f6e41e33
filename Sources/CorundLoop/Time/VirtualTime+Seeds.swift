import Glibc

extension VirtualTime {
    /// Runs `body` once with each seed, for tests that look for a dependence on an order that nobody promised.
    ///
    /// `CORUND_SEED` in the environment has it run with that seed alone, so that a failure can be replayed.
    ///
    ///     try VirtualTime.forEachSeed(1...1000) { seed in
    ///         try Runner.run(loopFactory: { .virtual(seed: seed) }) { try await scenario() }
    ///     }
    ///
    /// - Throws: ``SeedError``, at the first seed under which `body` throws.
    public static func forEachSeed(_ seeds: some Sequence<UInt64>, _ body: (UInt64) throws -> Void) throws {
        if let text = getenv("CORUND_SEED").map({ String(cString: $0) }), !text.isEmpty {
            guard let seed = UInt64(text) else { throw SeedError.notASeed(text) }
            return try run(body, seed)
        }
        for seed in seeds { try run(body, seed) }
    }

    private static func run(_ body: (UInt64) throws -> Void, _ seed: UInt64) throws {
        do { try body(seed) } catch { throw SeedError.failed(seed: seed, error: error) }
    }
}

/// What ``VirtualTime/forEachSeed(_:_:)`` came to.
public enum SeedError: Error, CustomStringConvertible {
    /// The body threw.
    case failed(seed: UInt64, error: any Error)
    /// `CORUND_SEED` is no number from 0 to 2^64 - 1.
    case notASeed(String)

    /// What happened, in words.
    public var description: String {
        switch self {
        case .failed(let seed, let error): "with seed \(seed) (CORUND_SEED=\(seed) runs it alone): \(error)"
        case .notASeed(let text): "CORUND_SEED must be a whole number from 0 to \(UInt64.max), not \"\(text)\""
        }
    }
}
