import CorundAPI
import CorundLoop
import Testing
import Varlink

@testable import CorundService

struct SubmissionRulesTests {
    private static let now = Timestamp(microseconds: 1_795_232_401_000_000)

    private static func submission(_ fill: (inout Submission) -> Void) -> Submission {
        var submission = Submission(job: "echo")
        fill(&submission)
        return submission
    }

    private static let longest = String(repeating: "x", count: 1024)
    private static let tooLong = longest + "x"

    @Test(arguments: [
        submission { _ in },
        submission { $0.priority = -100 }, submission { $0.priority = 100 },
        submission { $0.delayMilliseconds = 0 }, submission { $0.delayMilliseconds = .max },
        submission { $0.notBefore = now }, submission { $0.timeoutMilliseconds = 1 },
        submission { $0.timeoutMilliseconds = .max }, submission { $0.maxAttempts = 1 },
        submission { $0.maxAttempts = 0 },
        submission { $0.after = [] }, submission { $0.after = [String](repeating: "1", count: 1000) },
        submission { $0.key = longest }, submission { $0.context = longest }, submission { $0.group = longest },
        submission { $0.labels = [:] }, submission { $0.labels = ["a": "", longest: longest] },
        submission { $0.labels = labels(64) },
    ])
    func whatIsAllowedPasses(submission: Submission) {
        #expect(submission.wrongMember == nil)
    }

    @Test(arguments: [
        ("priority", submission { $0.priority = 101 }), ("priority", submission { $0.priority = -101 }),
        ("priority", submission { $0.priority = .min }), ("delay_ms", submission { $0.delayMilliseconds = -1 }),
        ("timeout_ms", submission { $0.timeoutMilliseconds = 0 }),
        ("timeout_ms", submission { $0.timeoutMilliseconds = -1 }),
        ("max_attempts", submission { $0.maxAttempts = -1 }),
        ("after", submission { $0.after = [String](repeating: "1", count: 1001) }),
        ("key", submission { $0.key = "" }), ("key", submission { $0.key = tooLong }),
        ("context", submission { $0.context = "" }), ("context", submission { $0.context = tooLong }),
        ("group", submission { $0.group = "" }), ("group", submission { $0.group = tooLong }),
        ("labels", submission { $0.labels = ["": "x"] }), ("labels", submission { $0.labels = ["a=b": "x"] }),
        ("labels", submission { $0.labels = [tooLong: ""] }), ("labels", submission { $0.labels = ["a": tooLong] }),
        ("labels", submission { $0.labels = labels(65) }),
        (
            "not_before",
            submission {
                $0.delayMilliseconds = 1
                $0.notBefore = now
            }
        ),
    ])
    func whatIsNotIsNamedAsOnTheWire(member: String, submission: Submission) {
        #expect(submission.wrongMember == member)
    }

    /// The limit is on bytes, not on what a person counts.
    @Test func namesAreCountedInBytes() {
        #expect(Self.submission { $0.key = String(repeating: "é", count: 512) }.wrongMember == nil)
        #expect(Self.submission { $0.key = String(repeating: "é", count: 513) }.wrongMember == "key")
    }

    private static func labels(_ count: Int) -> [String: String] {
        Dictionary(uniqueKeysWithValues: (0..<count).map { ("label\($0)", "") })
    }

    // MARK: Time

    @Test func withoutATimeItStartsAtOnce() {
        #expect(Self.submission { _ in }.start(at: Self.now) == nil)
        #expect(Self.submission { _ in }.delay(at: Self.now) == nil)
        #expect(Self.submission { $0.delayMilliseconds = 0 }.delay(at: Self.now) == nil)
    }

    @Test func aDelayCountsFromNow() {
        let submission = Self.submission { $0.delayMilliseconds = 1500 }
        #expect(submission.delay(at: Self.now) == .milliseconds(1500))
        #expect(submission.start(at: Self.now) == Timestamp(microseconds: Self.now.microseconds + 1_500_000))
    }

    @Test(arguments: [(-1, nil), (0, nil), (1, .microseconds(1)), (2_000_000, .seconds(2))] as [(Int64, Duration?)])
    func aTimeThatHasPassedIsNow(microseconds: Int64, delay: Duration?) {
        let submission = Self.submission {
            $0.notBefore = Timestamp(microseconds: Self.now.microseconds + microseconds)
        }
        #expect(submission.delay(at: Self.now) == delay)
        #expect(submission.start(at: Self.now) == submission.notBefore)
    }

    /// Beyond the year 9999 the wire has no text for it.
    @Test(arguments: [Int.max, Int.max / 1000, 300_000_000_000_000])
    func aDelayBeyondAllTimeHasATextThatCanBeRead(milliseconds: Int) throws {
        let start = try #require(Self.submission { $0.delayMilliseconds = milliseconds }.start(at: Self.now))
        #expect(start > Self.now)
        #expect(Timestamp(start.description) == start)
    }
}
