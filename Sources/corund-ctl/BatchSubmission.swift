import CorundAPI
import CorundCommandLine
import CorundLoop
import Varlink

extension Session {
    /// Submits the jobs in the file, and prints their ids as they are recorded.
    func submitBatch(_ path: String) async throws {
        let reader = try BatchReader(path, on: loop)
        let submitter = BatchSubmitter(try await reconnecting(), on: loop)
        // Where the ids go to the terminal, they are the progress.
        let live = output.isTerminal ? nil : live
        let start = loop.now
        var count = 0
        submitter.onPause = { [self] error in tell("\(Complaint(error)?.text ?? "\(error)"); trying again") }
        submitter.onRecorded = { [self] reply in
            let ids = try reply.decode(SubmitManyResult.self).ids
            try print(isJSON ? [line(reply)] : ids)
            count += ids.count
            let elapsed = loop.now.duration(since: start)
            let report = ProgressReport(
                title: count == 1 ? "1 job" : "\(count) jobs", fraction: reader.fractionRead, elapsed: elapsed)
            live?.show(report.line(width: live?.width ?? 0))
        }
        try await submitter.submit(reader)
    }
}
