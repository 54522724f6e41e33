import Glibc
import Testing

/// In a process of its own, so that descriptors and threads can be counted and signals sent to it.
struct StressTests {
    /// A hang ends the process when it has lasted for that many seconds.
    private static let patience: CUnsignedInt = 60

    /// `CORUND_STRESS_SECONDS` says how long; `CORUND_SEED` what the threads do, though not how they take turns.
    @Test func whateverEightThreadsDoToALoopNothingIsLostOrLeaksOrHangs_R37_R43_R46_R57_R75() async throws {
        let seconds = try #require(Double(Self.environment("CORUND_STRESS_SECONDS") ?? "1"))
        let seed = try #require(UInt64(Self.environment("CORUND_SEED") ?? "\(UInt64.random(in: 0..<1_000_000))"))
        await #expect(processExitsWith: .success, "CORUND_SEED=\(seed)") {
            [seconds = seconds as Double, seed = seed as UInt64] in
            alarm(CUnsignedInt(seconds) + StressTests.patience)
            let findings = try Stress(seed: seed).run(for: .seconds(seconds))
            try #require(findings.isEmpty, "CORUND_SEED=\(seed): \(findings)")
        }
    }

    private static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
