import CorundLoop
import CorundRunner
import Glibc
import Testing

@testable import CorundService

struct ClockWatchTests {
    private final class Rings: @unchecked Sendable {
        // SAFETY: confined to the loop of one test.
        var count = 0
    }

    /// The clock itself cannot be set in a test; what the kernel promises to tell is in `/proc`.
    @Test func theKernelIsAskedToTellWhenTheWallClockIsSet() throws {
        try Runner.run {
            let loop = try #require(EventLoop.running)
            let rings = Rings()
            let watch = try ClockWatch(on: loop) { rings.count += 1 }
            #expect(try Self.watches() == 1)
            for _ in 0..<3 { await EventLoop.yield() }  // each time, the loop looks
            #expect(rings.count == 0)
            watch.close()
        }
        #expect(try Self.watches() == 0)
    }

    @Test func eachTimeThatItIsSetIsToldUntilTheWatchIsClosed() throws {
        try Runner.run {
            let loop = try #require(EventLoop.running)
            let rings = Rings()
            let changed = LoopSignal(loop: loop)
            var ends: [CInt] = [0, 0]
            #expect(pipe(&ends) == 0)
            let setClock = Descriptor(owning: ends[1])
            let watch = try ClockWatch(on: loop, Descriptor(owning: ends[0])) {
                rings.count += 1
                changed.notify()
            }
            for expected in 1...3 {
                #expect(write(setClock.number, "12345678", 8) == 8)
                try await changed.wait()
                #expect(rings.count == expected)
            }
            watch.close()
            #expect(write(setClock.number, "12345678", 8) == 8)
            for _ in 0..<3 { await EventLoop.yield() }
            #expect(rings.count == 3)
        }
    }

    /// The timers of this process that go by the wall clock and are cancelled when that is set.
    private static func watches() throws -> Int {
        let folder = try #require(opendir("/proc/self/fdinfo"))
        defer { closedir(folder) }
        var count = 0
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let file = fopen("/proc/self/fdinfo/\(name)", "re") else { continue }
            defer { fclose(file) }
            var text = [UInt8](repeating: 0, count: 4096)
            text.removeLast(text.count - fread(&text, 1, text.count, file))
            let info = String(decoding: text, as: UTF8.self)
            let isWatch = info.contains("clockid: \(CLOCK_REALTIME)\n") && info.contains("settime flags: 03\n")
            count += isWatch ? 1 : 0
        }
        return count
    }
}
