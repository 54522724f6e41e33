import CorundAPI
import Glibc
import Testing
import Varlink

/// Serialized, and left out under sanitizers, whose bookkeeping grows.
@Suite(.serialized, .enabled(if: dlsym(nil, "__tsan_init") == nil && dlsym(nil, "__asan_init") == nil))
struct MemoryTests {
    private static let jobs = 200_000
    private static let batch = 100
    private static let tolerance = 8 << 20

    private static func growth(_ daemon: TestDaemon, warmUp: Int, _ work: (WireClient) throws -> Void) throws -> Int {
        let client = try daemon.connect()
        for _ in 0..<warmUp { try work(client) }
        let before = try client.statistics().residentBytes
        for _ in 0..<(jobs / batch) { try work(client) }
        return try client.statistics().residentBytes - before
    }

    @Test func attachedJobsLeaveNothingBehind() throws {
        try TestDaemon.run { daemon in
            let growth = try Self.growth(daemon, warmUp: 100) { client in
                for _ in 0..<Self.batch { client.start("Jobs.Run", #"{"job":"echo","arguments":{"a":[1,2,3]}}"#) }
                for _ in 0..<Self.batch { _ = try client.receive() }
            }
            #expect(growth < Self.tolerance, "\(growth) bytes more after \(Self.jobs) jobs")
        }
    }

    @Test func detachedAndIsolatedJobsLeaveNoMoreThanIsRetained() throws {
        try TestDaemon.run("retained-jobs = 100") { daemon in
            let client = try daemon.connect()
            let many = Array(repeating: #"{"job":"echo","context":"isolated"}"#, count: Self.batch).joined(
                separator: ",")
            let work = {
                let ids = try client.call("Jobs.SubmitMany", #"{"submissions":[\#(many)]}"#).decode(
                    SubmitManyResult.self
                ).ids
                _ = try client.job("Wait", try #require(ids.last))
            }
            for _ in 0..<100 { try work() }
            let before = try client.statistics().residentBytes
            for _ in 0..<200 { try work() }
            let growth = try client.statistics().residentBytes - before
            #expect(growth < Self.tolerance, "\(growth) bytes more after 20,000 jobs")
            #expect(try client.statistics().tasks < 20)
        }
    }
}
