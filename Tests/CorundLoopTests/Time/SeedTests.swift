import Glibc
import TestSupport
import Testing

@testable import CorundLoop

struct SeedTests {
    struct Failure: Error {}

    @Test func eachSeedHasItsRun_R72() throws {
        let seeds = Log<UInt64>()
        try VirtualTime.forEachSeed(1...100) { seeds.append($0) }
        #expect(seeds.entries == Array(1...100))
    }

    @Test func aFailureNamesItsSeedAndEndsTheSearch_R72() throws {
        let seeds = Log<UInt64>()
        let error = #expect(throws: SeedError.self) {
            try VirtualTime.forEachSeed(1...100) { seed in
                seeds.append(seed)
                if seed == 42 { throw Failure() }
            }
        }
        #expect(seeds.entries.last == 42)
        #expect(error?.description == "with seed 42 (CORUND_SEED=42 runs it alone): Failure()")
    }

    @Test func theEnvironmentReplaysOneSeed_R72() async {
        await #expect(processExitsWith: .success) {
            setenv("CORUND_SEED", "4711", 1)
            let seeds = Log<UInt64>()
            try VirtualTime.forEachSeed(1...100) { seeds.append($0) }
            try #require(seeds.entries == [4711])
            setenv("CORUND_SEED", "", 1)
            try VirtualTime.forEachSeed(1...2) { seeds.append($0) }
            try #require(seeds.entries == [4711, 1, 2])
        }
    }

    @Test func whatIsNoSeedIsRefused_R72() async {
        await #expect(processExitsWith: .success) {
            setenv("CORUND_SEED", "-1", 1)
            let error = #expect(throws: SeedError.self) { try VirtualTime.forEachSeed(1...2) { _ in exit(3) } }
            try #require(
                error?.description == "CORUND_SEED must be a whole number from 0 to 18446744073709551615, not \"-1\"")
        }
    }
}
