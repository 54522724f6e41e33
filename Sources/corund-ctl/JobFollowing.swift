import CorundAPI
import CorundCommandLine
import Varlink

extension ReconnectingClient {
    /// Gives each of a job's events, and the reply that it came in, to `each`; then says how the job ended.
    ///
    /// Events that the daemon has let go of before they could be read are counted, and `session` tells of them.
    func follow(
        _ id: String, from sequence: Int?, in session: Session, _ each: (Event, RawJSON) throws -> Void
    ) async throws -> (status: ExitStatus, failure: Failure?) {
        let events = watch(id, from: sequence)
        var state: JobState?
        var (next, missing) = (sequence ?? 1, 0)
        while let (event, reply) = try await events.nextReply() {
            state = event.state ?? state
            // Wrapping, for numbers that no daemon of ours has.
            missing &+= max(0, event.sequence &- next)
            next = event.sequence &+ 1
            try each(event, reply)
        }
        if missing > 0 {
            let events = "\(missing) of the events of job \(id.printable)"
            session.tell("\(events) are missing: it said more than the daemon keeps")
        }
        guard let state, let status = ExitStatus(state) else {
            // The events began after the one that says how the job ended.
            let job = try await persist { try await $0.get(id) }
            return (ExitStatus(job) ?? .protocolError, job.failure)
        }
        guard state == .failed else { return (status, nil) }
        // A daemon that has ended meanwhile is not waited for: all but the program's own status is known.
        let job = try? await attempt { try await $0.get(id) }
        return (job.flatMap(ExitStatus.init) ?? status, job?.failure)
    }
}

extension Session {
    /// Waits for a job's end and prints how it ended; its status.
    func printOutcome(of id: String, _ link: ReconnectingClient) async throws -> ExitStatus {
        let progress = JobProgress("job \(id)", in: self)
        defer { progress?.stop() }
        try progress?.follow(id, at: socketPath)
        let parameters = try RawJSON(encoding: IDParameters(id: id))
        let reply = try await link.persist { try await $0.call(Method.jobs("Wait").name, parameters: parameters) }
        let job = try reply.decode(JobResult.self).job
        let report = JobReport(style, now: .now)
        try show(reply, as: JobResult.self) { [report.outcome($0.job)] }
        return ExitStatus(job) ?? .protocolError
    }
}
