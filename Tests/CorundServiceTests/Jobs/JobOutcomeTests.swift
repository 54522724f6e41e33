import CorundAPI
import Testing
import Varlink

@testable import CorundService

struct JobOutcomeTests {
    private struct Odd: Error, CustomStringConvertible {
        var description: String { "something odd" }
    }

    private static let result = RawJSON(unchecked: Array("[1]".utf8))

    // MARK: From what the handler did

    @Test(arguments: [nil] + JobMachineTests.causes)
    func aReturnIsASuccessAlsoAfterACancellation(cause: CancelCause?) {
        guard case .succeeded(let result) = JobOutcome(.returned(Self.result), cause: cause) else {
            Issue.record("not a success")
            return
        }
        #expect(result == Self.result)
    }

    @Test(arguments: JobMachineTests.causes)
    func aCancellationErrorMeansTheCause(cause: CancelCause) {
        guard case .cancelled(let found) = JobOutcome(.threw(CancellationError()), cause: cause) else {
            Issue.record("not cancelled")
            return
        }
        #expect(found == cause)
    }

    @Test func aCancellationErrorThatNobodyAskedForIsTheJobsOwnDecision() {
        let outcome = JobOutcome(.threw(CancellationError()), cause: nil)
        #expect(
            outcome.error(id: JobID(1), job: "x", attempt: 1)
                == .jobCancelled(id: "1", reason: "the job cancelled itself"))
    }

    @Test(arguments: [nil] + JobMachineTests.causes)
    func anotherErrorIsAFailureAlsoAfterACancellation(cause: CancelCause?) {
        let outcome = JobOutcome(.threw(Odd()), cause: cause)
        #expect(outcome.failure(attempt: 2) == Failure(kind: "Odd", message: "something odd", attempt: 2))
    }

    @Test func aJobFailureSaysExactlyWhatTheFailureSays() {
        let outcome = JobOutcome(.threw(JobFailure(kind: "DiskFull", message: "no room")), cause: nil)
        #expect(outcome.failure(attempt: 1) == Failure(kind: "DiskFull", message: "no room", attempt: 1))
    }

    @Test func aFailureHandsOnWhatTheJobGivesAllTheSame() throws {
        let result = try RawJSON(validating: #"{"exit_status":3}"#)
        let outcome = JobOutcome(
            .threw(JobFailure(kind: "Exited", message: "m", status: 3, result: result)), cause: nil)
        #expect(outcome.failure(attempt: 1)?.status == 3)
        #expect(outcome.result == result)
    }

    @Test func aResultThatNoClientReadsIsAFailure() {
        let most = JobOutcome.mostResultBytes
        let largest = RawJSON(unchecked: Array(repeating: UInt8(ascii: "1"), count: most))
        let tooLarge = RawJSON(unchecked: Array(repeating: UInt8(ascii: "1"), count: most + 1))
        #expect(JobOutcome(.returned(largest), cause: nil).result == largest)
        #expect(
            JobOutcome(.returned(tooLarge), cause: nil).failure(attempt: 1)
                == Failure(
                    kind: "ResultTooLarge",
                    message: "the result has 62914561 bytes, and at most 62914560 are kept", attempt: 1))
        let failed = JobOutcome(
            .threw(JobFailure(kind: "Exited", message: "m", status: 3, result: tooLarge)), cause: nil)
        #expect(failed.failure(attempt: 1)?.status == 3 && failed.result == nil)
    }

    // MARK: What is said of it

    @Test func aSuccessIsNoError() {
        let outcome = JobOutcome.succeeded(.emptyObject)
        #expect(outcome.error(id: JobID(1), job: "x", attempt: 1) == nil)
        #expect(outcome.failure(attempt: 1) == nil)
    }

    @Test(arguments: [
        (
            JobOutcome.failed(JobFailure(kind: "K", message: "m")),
            JobsError.jobFailed(id: "7", failure: Failure(kind: "K", message: "m", attempt: 2))
        ),
        (.invalidArguments(path: "a.b", message: "m"), .invalidArguments(job: "x", path: "a.b", message: "m")),
        (.cancelled(.request(reason: "why")), .jobCancelled(id: "7", reason: "why")),
        (.cancelled(.request(reason: nil)), .jobCancelled(id: "7", reason: nil)),
        (.cancelled(.hangUp), .jobCancelled(id: "7", reason: "its caller hung up")),
        (.cancelled(.timeout(milliseconds: 5)), .jobTimedOut(id: "7", timeoutMilliseconds: 5)),
        (.cancelled(.daemonEnd), .jobInterrupted(id: "7")),
    ])
    func anAttachedCallerGetsTheErrorOfTheInterface(outcome: JobOutcome, error: JobsError) {
        #expect(outcome.error(id: JobID(7), job: "x", attempt: 2) == error)
    }

    @Test(arguments: [
        (JobOutcome.failed(JobFailure(kind: "K", message: "m")), Failure(kind: "K", message: "m", attempt: 2)),
        (
            .invalidArguments(path: "a.b", message: "m"),
            Failure(kind: "InvalidArguments", message: "a.b: m", attempt: 2)
        ),
        (.invalidArguments(path: "", message: "m"), Failure(kind: "InvalidArguments", message: "m", attempt: 2)),
        (.cancelled(.request(reason: "why")), Failure(kind: "Cancelled", message: "why", attempt: 2)),
        (.cancelled(.request(reason: nil)), Failure(kind: "Cancelled", message: "cancelled on request", attempt: 2)),
        (.cancelled(.hangUp), Failure(kind: "Cancelled", message: "the caller hung up", attempt: 2)),
        (
            .cancelled(.timeout(milliseconds: 5)),
            Failure(kind: "TimedOut", message: "it did not end within 5 ms", attempt: 2)
        ),
    ])
    func theRecordOfADetachedJobSaysWhy(outcome: JobOutcome, failure: Failure) {
        #expect(outcome.failure(attempt: 2) == failure)
    }

    @Test func anInterruptionIsNoFailure() {
        #expect(JobOutcome.cancelled(.daemonEnd).failure(attempt: 2) == nil)
    }

    @Test(arguments: [
        (CancelCause.request(reason: nil), JobState.cancelled), (.hangUp, .cancelled),
        (.timeout(milliseconds: 1), .timedOut), (.daemonEnd, .interrupted),
    ])
    func eachCauseHasItsState(cause: CancelCause, state: JobState) {
        #expect(cause.state == state)
    }
}
