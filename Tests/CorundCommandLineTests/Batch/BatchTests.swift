import CorundAPI
import CorundCommandLine
import CorundLoop
import SystemPackage
import Testing
import Varlink

@Suite("Batches")
struct BatchTests {
    private func line(_ number: Int, _ text: String = #"{"job":"echo"}"#) throws -> SubmissionLine {
        try SubmissionLine(Array(text.utf8)[...], number: number)
    }

    private func batch(_ numbers: ClosedRange<Int>, _ text: String = #"{"job":"echo"}"#) throws -> Batch {
        var batch = Batch()
        for number in numbers { #expect(batch.take(try line(number, text))) }
        return batch
    }

    // MARK: Lines

    @Test("lines are cut wherever the pieces end", arguments: 1...9)
    func cut(size: Int) throws {
        let text = Array("one\n\nthree\nlast".utf8)
        var cutter = LineCutter(limit: 5)
        var lines: [String] = []
        for start in stride(from: 0, to: text.count, by: size) {
            cutter.append(text[start..<min(start + size, text.count)])
            while let line = try cutter.next() { lines.append(String(decoding: line, as: UTF8.self)) }
        }
        if let line = try cutter.last() { lines.append(String(decoding: line, as: UTF8.self)) }
        #expect(lines == ["one", "", "three", "last"])
        #expect(try cutter.last() == nil)
    }

    @Test("a line that is too long is refused before it is all there")
    func tooLong() throws {
        for text in ["123456", "123456\n"] {
            var cutter = LineCutter(limit: 5)
            cutter.append(Array(text.utf8))
            #expect(throws: LineCutter.LineTooLong.self) { try cutter.next() }
        }
        var cutter = LineCutter(limit: 5)
        cutter.append(Array("12345\n".utf8))
        #expect(try cutter.next()?.count == 5)
    }

    @Test("a submission knows its job and whether it has a key")
    func submission() throws {
        let line = try line(7, #" {"job":"a","key":"k"} "#)
        #expect((line.number, line.job, line.hasKey) == (7, "a", true))
        #expect(line.text.description == #"{"job":"a","key":"k"}"#)
        #expect(try !self.line(1).hasKey)
    }

    // MARK: Batches

    @Test("a batch takes so many lines and bytes, and one line whatever its size")
    func bounds() throws {
        var batch = try batch(1...Batch.mostLines)
        #expect(batch.take(try line(1001)) == false)
        let long = #"{"job":"echo","key":"\#(String(repeating: "x", count: Batch.mostBytes / 2))"}"#
        var few = try self.batch(1...1, long)
        #expect(few.take(try line(2, long)) == false)
        let longest = #"{"job":"echo","key":"\#(String(repeating: "x", count: Batch.mostBytes))"}"#
        #expect(try self.batch(1...1, longest).range == 1...1)
    }

    @Test("a batch is repeatable when every job has a key")
    func repeatable() throws {
        var batch = try batch(1...2, #"{"job":"a","key":"k"}"#)
        #expect(batch.isRepeatable)
        _ = batch.take(try line(3))
        #expect(!batch.isRepeatable)
        #expect(
            batch.parameters.description
                == #"{"submissions":[{"job":"a","key":"k"},{"job":"a","key":"k"},{"job":"echo"}]}"#)
    }

    // MARK: Again, or not

    private func pause(_ error: any Error, isRepeatable: Bool = false, after elapsed: Duration = .zero) -> Duration? {
        var retry = BatchRetry(isRepeatable: isRepeatable)
        return retry.pause(after: error, elapsed: elapsed, draw: 1)
    }

    private let gone = ClientError.unreachable(
        path: "/s", SystemCallError("connect", errno: .noSuchFileOrDirectory))

    @Test("what was refused for now, or never reached the daemon, is sent again")
    func again() {
        #expect(pause(JobsError.draining) == .milliseconds(100))
        #expect(pause(gone) == .milliseconds(100))
        #expect(pause(JobsError.queueFull(limit: 1, retryAfterMilliseconds: 700)) == .milliseconds(700))
        #expect(pause(JobsError.queueFull(limit: 1, retryAfterMilliseconds: 0)) == .milliseconds(100))
        #expect(pause(JobsError.queueFull(limit: 1, retryAfterMilliseconds: .max)) == .seconds(60))
    }

    @Test("what may have been recorded is, only with keys")
    func uncertain() {
        #expect(pause(ClientError.connectionClosed) == nil)
        #expect(pause(ClientError.connectionClosed, isRepeatable: true) == .milliseconds(100))
    }

    @Test("what will not pass is not, nor what has not passed in time")
    func notAgain() {
        for error in [JobsError.unknownJob(job: "x"), VarlinkError("a.b.C"), CancellationError()] as [any Error] {
            #expect(pause(error, isRepeatable: true) == nil)
        }
        #expect(pause(JobsError.draining, after: BatchRetry.patience) == nil)
    }

    // MARK: What is in

    @Test("an account joins lines of the same fate, and says what is not in")
    func account() {
        var account = BatchAccount()
        #expect(account.summary == "Submitted: none.")
        account.add(1...1000, .submitted)
        account.add(1002...2000, .submitted)
        #expect(account.summary == "Submitted: lines 1-2000.")
        account.add(2001...2001, .refused)
        account.add(2002...3000, .submitted)
        account.add(3001...4000, .uncertain)
        account.firstUnsent = 4001
        #expect(
            account.summary == "Submitted: lines 1-2000, lines 2002-3000. Perhaps submitted: lines 3001-4000. "
                + "Not submitted: line 2001, all from line 4001 on.")
    }

    @Test("an error names the line, as far as the daemon's answer tells")
    func place() throws {
        var batch = try batch(11...12)
        _ = batch.take(try line(15, #"{"job":"other"}"#))
        func text(_ error: any Error) -> String { BatchError(error, of: batch, in: "f", BatchAccount()).description }
        #expect(text(JobsError.unknownJob(job: "other")).hasPrefix("f:15: "))
        #expect(text(JobsError.invalidArguments(job: "other", path: "a", message: "m")).hasPrefix("f:15: "))
        #expect(text(JobsError.invalidArguments(job: "echo", path: "a", message: "m")).hasPrefix("f:11-12: "))
        let exact = JobsError.invalidArguments(job: "echo", path: "submissions[1].arguments.a", message: "m")
        #expect(text(exact).hasPrefix("f:12: "))
        let path = try RawJSON(validating: #"{"parameter":"submissions[9].key"}"#)
        #expect(text(VarlinkError("org.varlink.service.InvalidParameter", parameters: path)).hasPrefix("f:11-15: "))
        #expect(text(JobsError.draining).hasPrefix("f:11-15: the daemon is ending"))
    }
}
