import CLinux
import CorundLoop
import Glibc
import Testing

@testable import Varlink

@Suite("Frame decoder")
struct FrameDecoderTests {
    /// Feeds `chunks` to a decoder and gives what it received.
    private func decode(_ chunks: [[UInt8]], limit: Int = 1 << 20) throws -> [[UInt8]] {
        var decoder = FrameDecoder(maximumSize: limit)
        var messages: [[UInt8]] = []
        for chunk in chunks { try decoder.take(chunk) { messages.append($0) } }
        return messages
    }

    @Test("cuts a stream into the same messages, however it is split", arguments: UInt64(0)..<200)
    func anySplitGivesTheSameMessages(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let messages = (0..<Int.random(in: 0...20, using: &random)).map { _ in Self.message(using: &random) }
        let stream: [UInt8] = Array(messages.map { $0 + [0] }.joined())
        #expect(try decode(Self.split(stream, using: &random)) == messages)
        #expect(try decode([stream]) == messages)
        #expect(try decode(Self.pieces(stream, of: 1)) == messages)
    }

    @Test("pauses where it is told to, and goes on in order without a loss", arguments: UInt64(0)..<200)
    func pausesKeepOrder(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let messages = (0..<30).map { _ in Self.message(using: &random) }
        var decoder = FrameDecoder(maximumSize: 1 << 20)
        var received: [[UInt8]] = []
        var isPaused = false
        func receive(_ message: UnsafeBufferPointer<UInt8>) -> FrameDecoder.Verdict {
            #expect(!isPaused)
            received.append(Array(message))
            isPaused = Bool.random(using: &random)
            return isPaused ? .pause : .goOn
        }
        let chunks = Self.split(Array(messages.map { $0 + [0] }.joined()), using: &random)
        for chunk in chunks {
            // A paused decoder may still be handed what was read before the pause took effect.
            let resumesFirst = Bool.random(using: &random)
            while isPaused, resumesFirst {
                isPaused = false
                try decoder.resume(receive)
            }
            isPaused = false
            try chunk.withUnsafeBufferPointer { try decoder.decode($0, receive) }
        }
        while isPaused {
            isPaused = false
            try decoder.resume(receive)
        }
        #expect(received == messages)
        #expect(decoder.isAtBoundary)
    }

    @Test("a NUL alone is an empty message")
    func nulAloneIsEmpty() throws {
        #expect(try decode([[0]]) == [[]])
        #expect(try decode([[0, 0], [0]]) == [[], [], []])
    }

    @Test("nothing gives nothing")
    func emptyChunk() throws {
        #expect(try decode([[], []]).isEmpty)
    }

    @Test("knows whether the stream may end")
    func boundary() throws {
        var decoder = FrameDecoder(maximumSize: 10)
        #expect(decoder.isAtBoundary)
        try decoder.take(Array("ab".utf8)) { _ in }
        #expect(!decoder.isAtBoundary)
        try decoder.take(Array("c\0".utf8)) { _ in }
        #expect(decoder.isAtBoundary)
    }

    @Test("takes a message of the limit, and refuses one more byte", arguments: [1, 3, 64])
    func limitIsExact(_ chunkSize: Int) throws {
        let longest = [UInt8](repeating: 7, count: 32)
        #expect(try decode(Self.pieces(longest + [0], of: chunkSize), limit: 32) == [longest])
        #expect(throws: WireViolation.messageTooLarge(limit: 32)) {
            try decode(Self.pieces([7] + longest + [0], of: chunkSize), limit: 32)
        }
    }

    @Test("refuses a message that is too long before its end has come, and never holds more than limit and chunk")
    func limitBeforeAllocation() throws {
        let (limit, chunk) = (1000, [UInt8](repeating: 7, count: 64))
        var decoder = FrameDecoder(maximumSize: limit)
        var (fed, refused) = (0, false)
        while !refused, fed < 1 << 20 {
            do { try decoder.take(chunk) { _ in } } catch {
                #expect(error as? WireViolation == .messageTooLarge(limit: limit))
                refused = true
            }
            fed += chunk.count
            #expect(decoder.heldBytes <= limit + chunk.count)
        }
        #expect(refused)
        #expect(fed <= limit + chunk.count)
    }

    @Test("earlier messages of a chunk are received before a later one is refused")
    func earlierMessagesFirst() throws {
        var decoder = FrameDecoder(maximumSize: 3)
        var received: [[UInt8]] = []
        #expect(throws: WireViolation.messageTooLarge(limit: 3)) {
            try decoder.take(Array("a\0bb\0cccc\0".utf8)) { received.append($0) }
        }
        #expect(received == [Array("a".utf8), Array("bb".utf8)])
    }

    @Test("looks at each byte of a long message once")
    func longMessagesAreScannedOnce() throws {
        let count = 1 << 20
        let short = try processorTime { decoder in
            for number in 1...count { try decoder.take([number % 16 == 0 ? 0 : 7]) { _ in } }
        }
        let long = try processorTime { decoder in
            for _ in 1...count { try decoder.take([7]) { _ in } }
        }
        // With a search from the beginning for each piece it is more than ten times as much.
        #expect(long < 4 * short)
    }

    /// What this thread's work costs, whoever else uses the processor.
    private func processorTime(_ work: (inout FrameDecoder) throws -> Void) throws -> Double {
        var decoder = FrameDecoder(maximumSize: 1 << 20)
        var (start, end) = (timespec(), timespec())
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start)
        try work(&decoder)
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end)
        return Double(end.tv_sec - start.tv_sec) + Double(end.tv_nsec - start.tv_nsec) / 1e9
    }

    // MARK: Streams

    private static func message(using random: inout SplitMix64) -> [UInt8] {
        (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 1...255, using: &random) }
    }

    private static func split(_ stream: [UInt8], using random: inout SplitMix64) -> [[UInt8]] {
        var (chunks, rest) = ([[UInt8]](), stream[...])
        while !rest.isEmpty {
            let count = Int.random(in: 0...min(90, rest.count), using: &random)
            chunks.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return chunks
    }

    private static func pieces(_ stream: [UInt8], of size: Int) -> [[UInt8]] {
        stride(from: 0, to: stream.count, by: size).map { Array(stream[$0..<min($0 + size, stream.count)]) }
    }
}

extension FrameDecoder {
    fileprivate mutating func take(_ chunk: [UInt8], _ receive: ([UInt8]) -> Void) throws {
        try chunk.withUnsafeBufferPointer { bytes in
            try decode(bytes) { message in
                receive(Array(message))
                return .goOn
            }
        }
    }

    /// What the decoder keeps between chunks, read off its storage.
    fileprivate var heldBytes: Int {
        Mirror(reflecting: self).children.first { $0.label == "held" }.flatMap { $0.value as? [UInt8] }?.count ?? .max
    }
}
