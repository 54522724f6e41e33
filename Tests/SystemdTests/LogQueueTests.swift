import Glibc
import Logging
import Synchronization
import Testing

@testable import Systemd

/// A log whose thread is held while nobody takes what it writes.
private final class Gate: LogWriter {
    private let (hold, open): (Ends, Ends)
    let written = Mutex<[String]>([])

    init() throws {
        (open, hold) = try Ends.pipe()
    }

    func write(_ record: LogRecord) {
        var byte: UInt8 = 0
        _ = read(hold.number, &byte, 1)
        written.withLock { $0.append(record.event.message.description) }
    }

    /// Lets so many records through.
    func pass(_ count: Int) {
        let bytes = [UInt8](repeating: 0, count: count)
        _ = Glibc.write(open.number, bytes, count)
    }
}

struct LogQueueTests {
    private static func logger(_ queue: LogQueue, _ threshold: LogThreshold = LogThreshold()) -> Logger {
        Logger(label: "test") { queue.makeHandler(label: $0, threshold: threshold) }
    }

    @Test func whatIsLoggedIsWrittenInItsOrderWithItsMetadata() throws {
        let (writing, reading) = try Ends.socket()
        let queue = LogQueue(writer: LineWriter(descriptor: writing.number))
        var logger = Self.logger(queue)
        logger[metadataKey: "job"] = "j-1"
        logger.info("first\nevent", metadata: ["n": "1"])
        logger.debug("below the threshold")
        logger.error("second")
        #expect(queue.finish(within: .seconds(30)))
        #expect(reading.next()?.hasSuffix("Z info  test: first\\nevent job=j-1 n=1\n") == true)
        #expect(reading.next()?.hasSuffix("Z error test: second job=j-1\n") == true)
        #expect(reading.next() == nil)
    }

    @Test func aPipeThatNobodyReadsHoldsNobodyWhoLogs() throws {
        let (writing, reading) = try Ends.pipe()
        let queue = LogQueue(writer: LineWriter(descriptor: writing.number), limit: 1 << 20)
        let logger = Self.logger(queue)
        for number in 0..<20_000 { logger.info("\(number)") }  // returns, or the test never ends
        logger.notice("the end")
        #expect(!queue.finish(within: .milliseconds(1)))
        // What is kept comes in its order; what came when there was no room is counted.
        var (kept, lost, hasEnd): ([Int], Int, Bool) = ([], 0, false)
        while kept.count + lost + (hasEnd ? 1 : 0) < 20_001 {
            let line = reading.line()
            let word = line.split(separator: " ").last ?? ""
            if let number = Int(word) { kept.append(number) } else { lost += Int(word.dropFirst("lost=".count)) ?? 0 }
            if line.hasSuffix(" notice test: the end") { hasEnd = true }
        }
        #expect(hasEnd)
        #expect(kept == kept.sorted())
        #expect(kept.count > 1000)
        #expect(lost > 1000)
        #expect(queue.finish(within: .seconds(30)))
    }

    @Test(arguments: [Logger.Level.info, .notice])
    func aFloodOfMinorEventsLeavesRoomForTheOthersWhichAreBoundedToo(level: Logger.Level) throws {
        let gate = try Gate()
        let queue = LogQueue(writer: gate, limit: 100_000)
        let logger = Self.logger(queue)
        for _ in 0..<10_000 { logger.info("minor") }
        for _ in 0..<10_000 { logger.log(level: level, "major") }
        gate.pass(30_000)
        #expect(queue.finish(within: .seconds(30)))
        let written = gate.written.withLock { $0 }
        let (minor, major) = (written.count { $0 == "minor" }, written.count { $0 == "major" })
        #expect((1..<10_000).contains(minor))
        #expect(level == .info ? major == 0 : (minor / 2...minor * 2).contains(major))
        let lost = written.filter { $0.hasSuffix(" log entries were lost: more came than could be written") }
        #expect(minor + major + lost.count == written.count)
        #expect(lost.compactMap { Int($0.prefix { $0 != " " }) }.reduce(0, +) == 20_000 - minor - major)
    }

    @Test func whatWaitsKeepsNoMoreThanTheTextsOfItsMetadata() throws {
        final class Large: CustomStringConvertible, Error, Sendable {
            var description: String { "small" }
        }
        let gate = try Gate()
        let queue = LogQueue(writer: gate)
        weak var value: Large?
        weak var error: Large?
        do {
            let (large, problem) = (Large(), Large())
            (value, error) = (large, problem)
            Self.logger(queue).info("one", error: problem, metadata: ["list": [.stringConvertible(large)]])
        }
        #expect(value == nil)
        #expect(error == nil)
        gate.pass(1)
        #expect(queue.finish(within: .seconds(30)))
    }

    @Test func theLastWordsAreWrittenThoughTheThreadHadToWaitForThem() throws {
        let gate = try Gate()
        let queue = LogQueue(writer: gate)
        Self.logger(queue).info("before")
        #expect(!queue.finish(within: .milliseconds(1)))
        Self.logger(queue).notice("the end")
        gate.pass(2)
        #expect(queue.finish(within: .seconds(30)))
        #expect(gate.written.withLock { $0 } == ["before", "the end"])
    }

    @Test func whatIsLoggedAfterTheEndIsWrittenToo() throws {
        let gate = try Gate()
        gate.pass(2)
        let queue = LogQueue(writer: gate)
        #expect(queue.finish(within: .zero))
        for text in ["one", "two"] {
            Self.logger(queue).info("\(text)")
            #expect(queue.finish(within: .seconds(30)))
        }
        #expect(gate.written.withLock { $0 } == ["one", "two"])
    }

    /// With room for two entries, the third is counted as lost; it asks for a thread all the same.
    @Test(arguments: [1 << 20, 300])
    func withoutAThreadWhatIsLoggedWaitsForOneAndHoldsNobody(limit: Int) throws {
        let gate = try Gate()
        let canBeMade = Mutex(false)
        let queue = LogQueue(writer: gate, limit: limit) { body in canBeMade.withLock { $0 } && LogThread.start(body) }
        for text in ["one", "two"] { Self.logger(queue).info("\(text)") }  // returns, or the test never ends
        canBeMade.withLock { $0 = true }
        Self.logger(queue).info("three")
        gate.pass(3)
        while gate.written.withLock({ $0.count }) < 3 { sched_yield() }
        let third = limit == 300 ? "1 log entry was lost: more came than could be written" : "three"
        #expect(gate.written.withLock { $0 } == ["one", "two", third])
        #expect(queue.finish(within: .seconds(30)))
    }

    @Test func withoutAThreadNoMoreWaitsThanWithOneAndTheEndWritesIt() throws {
        let gate = try Gate()
        gate.pass(1000)
        let queue = LogQueue(writer: gate, limit: 2000) { _ in false }
        for number in 0..<100 { Self.logger(queue).info("\(number)") }
        #expect(gate.written.withLock { $0 }.isEmpty)
        #expect(queue.finish(within: .zero))
        let written = gate.written.withLock { $0 }
        let kept = written.dropLast()
        #expect((1..<20).contains(kept.count))
        #expect(Array(kept) == (0..<kept.count).map(String.init))
        #expect(written.last == "\(100 - kept.count) log entries were lost: more came than could be written")
        #expect(queue.finish(within: .zero), "there is nothing left to write")
    }

    @Test func theThreadEndsAndTheQueueWithIt() throws {
        weak var leftover: LogQueue?
        let gate = try Gate()
        gate.pass(1)
        do {
            let queue = LogQueue(writer: gate)
            leftover = queue
            Self.logger(queue).info("one")
            #expect(queue.finish(within: .seconds(30)))
        }
        // The thread lets go of the queue right after it has said that it ends.
        while leftover != nil { sched_yield() }
    }

    @Test func manyThreadsLogAtOnceAndNothingIsLost() async throws {
        let (writing, reading) = try Ends.pipe()
        let queue = LogQueue(writer: LineWriter(descriptor: writing.number))
        let logger = Self.logger(queue)
        let (threads, events) = (8, 500)
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<threads {
                group.addTask { for event in 0..<events { logger.info("\(thread) \(event)") } }
            }
            group.addTask {
                var last = Array(repeating: -1, count: threads)
                for _ in 0..<threads * events {
                    let words = reading.line().split(separator: " ").suffix(2).compactMap { Int($0) }
                    #expect(last[words[0]] + 1 == words[1])
                    last[words[0]] = words[1]
                }
            }
        }
        #expect(queue.finish(within: .seconds(30)))
    }
}

struct LogThresholdTests {
    private func logger(_ threshold: LogThreshold) throws -> Logger {
        let queue = LogQueue(to: .standardError, identifier: "")
        return Logger(label: "") { queue.makeHandler(label: $0, threshold: threshold) }
    }

    @Test func aChangeReachesTheLoggersThatExist() throws {
        let threshold = LogThreshold(.info)
        let logger = try logger(threshold)
        #expect(logger.logLevel == .info)
        threshold.level = .trace
        #expect(logger.logLevel == .trace)
    }

    @Test func aLoggerWithALevelOfItsOwnKeepsIt() throws {
        let threshold = LogThreshold(.info)
        var logger = try logger(threshold)
        logger.logLevel = .error
        threshold.level = .trace
        #expect(logger.logLevel == .error)
    }

    @Test(arguments: Logger.Level.allCases)
    func everyLevelIsKept(level: Logger.Level) {
        #expect(LogThreshold(level).level == level)
    }
}
