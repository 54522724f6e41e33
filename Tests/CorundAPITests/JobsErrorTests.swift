import Testing
import Varlink

@testable import CorundAPI

struct JobsErrorTests {
    /// Each case once, and once more where a part of it may be absent or strange.
    static let all: [JobsError] = [
        .unknownJob(job: "no\u{0}such \"kind\""),
        .noSuchJob(id: "18446744073709551615"),
        .invalidArguments(job: "sleep", path: "files[2].name", message: "expected a string"),
        .jobFailed(id: "1", failure: Failure(kind: "Broken", message: "it broke", attempt: 3)),
        .jobCancelled(id: "1", reason: "because"),
        .jobTimedOut(id: "1", timeoutMilliseconds: 1500),
        .jobInterrupted(id: "1"),
        .invalidState(id: "1", state: .timedOut),
        .draining,
        .queueFull(limit: 10, retryAfterMilliseconds: 500),
        .storageUnavailable(message: "disk full"),
    ]

    @Test(arguments: all + [.jobCancelled(id: "1", reason: nil)])
    func isTheSameAfterTheWire(error: JobsError) {
        #expect(JobsError(error.onTheWire) == error)
    }

    @Test func hasTheWireFormOfTheInterface() {
        let onTheWire = JobsError.queueFull(limit: 10, retryAfterMilliseconds: 500).onTheWire
        #expect(onTheWire.description == #"io.corund.Jobs.QueueFull {"limit":10,"retry_after_ms":500}"#)
    }

    @Test(arguments: [
        VarlinkError("org.varlink.service.MethodNotFound"),
        VarlinkError("io.corund.Jobs.Unheard"),
        VarlinkError("io.corund.Service.Draining"),
        VarlinkError("io.corund.JobsDraining"),
        VarlinkError("io.corund.Jobs.JobFailed"),
        VarlinkError("io.corund.Jobs.InvalidState"),
    ])
    func otherErrorsAreNone(error: VarlinkError) {
        #expect(JobsError(error) == nil)
    }

    @Test func anErrorWhoseParametersAreWrongIsNone() throws {
        let wrong = try RawJSON(validating: #"{"id":5}"#)
        #expect(JobsError(VarlinkError("io.corund.Jobs.NoSuchJob", parameters: wrong)) == nil)
    }

    /// A newer daemon may say more.
    @Test func parametersThatAreNotKnownAreOverlooked() throws {
        let more = try RawJSON(validating: #"{"id":"5","since":"2026"}"#)
        #expect(JobsError(VarlinkError("io.corund.Jobs.NoSuchJob", parameters: more)) == .noSuchJob(id: "5"))
    }

    @Test(arguments: all)
    func tellsAPersonWhatHappened(error: JobsError) {
        #expect(!error.description.isEmpty)
        #expect(!error.description.contains("Optional("))
    }
}

struct WireDurationTests {
    @Test(arguments: [
        (Duration.zero, 0), (.milliseconds(1), 1), (.microseconds(1), 1), (.microseconds(1001), 2),
        (.nanoseconds(1), 1), (.seconds(2), 2000), (.milliseconds(-1), -1), (.microseconds(-1), 0),
    ])
    func isWholeMillisecondsRoundedUp(duration: Duration, milliseconds: Int) {
        #expect(duration.wholeMilliseconds == milliseconds)
    }

    @Test func isNeverOutOfRange() {
        #expect(Duration.seconds(Int64.max).wholeMilliseconds > 0)
        #expect(Duration.seconds(Int64.min).wholeMilliseconds < 0)
    }
}
