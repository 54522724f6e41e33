import CorundLoop
import Testing

@testable import Varlink

@Suite("Reply queue")
struct ReplyQueueTests {
    /// What the queue promises, said in the simplest way: all replies to a call before all replies to the next one,
    /// each as soon as every earlier call is complete.
    private struct Model {
        private var calls: [(replies: String, isComplete: Bool)] = []

        mutating func open() { calls.append(("", false)) }

        mutating func reply(to number: Int, _ text: String, isFinal: Bool) {
            guard !calls[number].isComplete else { return }
            calls[number].replies += text
            calls[number].isComplete = isFinal
        }

        var unanswered: [Int] { calls.indices.filter { !calls[$0].isComplete } }
        private var sentCalls: Int { calls.firstIndex { !$0.isComplete } ?? calls.count }
        /// All that may have been sent by now.
        var sent: String { calls.prefix(sentCalls + 1).map(\.replies).joined() }
        var held: Int { calls.dropFirst(sentCalls + 1).map(\.replies.utf8.count).reduce(0, +) }
        var count: Int { calls.count - sentCalls }
    }

    /// A queue and what it let out.
    private struct Subject {
        var queue = ReplyQueue()
        var output = JSONWriter()
        var sent: String { String(decoding: output.bytes, as: UTF8.self) }

        mutating func reply(to number: Int, _ text: String, isFinal: Bool = true) {
            queue.reply(to: number, isFinal: isFinal, output: &output) { $0.bytes.append(contentsOf: text.utf8) }
        }
    }

    @Test("sends what the model sends, whatever the order of the answers", arguments: UInt64(0)..<300)
    func followsTheModel(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var (subject, model) = (Subject(), Model())
        var opened = 0
        for step in 0..<200 {
            if opened == 0 || Int.random(in: 0..<3, using: &random) == 0 {
                #expect(subject.queue.open() == opened)
                model.open()
                opened += 1
            } else {
                // Any call, also one that is complete: a reply to that is dropped.
                let number = Int.random(in: max(0, opened - 12)..<opened, using: &random)
                let (text, isFinal) = ("<\(number):\(step)>", Int.random(in: 0..<3, using: &random) > 0)
                subject.reply(to: number, text, isFinal: isFinal)
                model.reply(to: number, text, isFinal: isFinal)
            }
            #expect(subject.sent == model.sent)
            #expect(subject.queue.count == model.count)
            #expect(subject.queue.heldBytes == model.held)
        }
        for number in model.unanswered.shuffled(using: &random) {
            subject.reply(to: number, "<\(number)>")
            model.reply(to: number, "<\(number)>", isFinal: true)
        }
        #expect(subject.sent == model.sent)
        #expect(subject.queue.isEmpty)
        #expect(subject.queue.heldBytes == 0)
    }

    @Test("a stream goes out as it comes once it is first, and holds back the rest until it ends")
    func streams() {
        var subject = Subject()
        let calls = (0..<3).map { _ in subject.queue.open() }
        subject.reply(to: calls[1], "b1 ", isFinal: false)
        subject.reply(to: calls[2], "c ")
        #expect(subject.sent == "")
        subject.reply(to: calls[0], "a ")
        #expect(subject.sent == "a b1 ")
        subject.reply(to: calls[1], "b2 ", isFinal: false)
        #expect(subject.sent == "a b1 b2 ")
        subject.reply(to: calls[1], "b3 ")
        #expect(subject.sent == "a b1 b2 b3 c ")
        #expect(subject.queue.isEmpty)
    }

    @Test("tells only the callers that still wait, and forgets all of them")
    func abandons() {
        var subject = Subject()
        let callers = (0..<3).map { _ in Waiting() }
        let calls = callers.map { caller in
            let number = subject.queue.open()
            subject.queue.setCaller(caller, of: number)
            return number
        }
        subject.reply(to: calls[1], "held")
        #expect(
            subject.queue.abandon().map(ObjectIdentifier.init) == [callers[0], callers[2]].map(ObjectIdentifier.init))
        #expect(subject.queue.isEmpty)
        #expect(subject.queue.heldBytes == 0)
        #expect(subject.queue.abandon().isEmpty)
    }

    @Test("what comes for a forgotten call is dropped")
    func repliesAfterAbandon() {
        var subject = Subject()
        let old = subject.queue.open()
        _ = subject.queue.abandon()
        let new = subject.queue.open()
        subject.reply(to: old, "old")
        subject.queue.setCaller(Waiting(), of: old)
        #expect(subject.sent == "")
        subject.reply(to: new, "new")
        #expect(subject.sent == "new")
        subject.queue.setCaller(Waiting(), of: new)
        #expect(subject.queue.isEmpty)
    }

    private final class Waiting: Caller {
        func callerHungUp() {}
    }
}
