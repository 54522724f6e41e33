import CorundAPI
import CorundLoop
import Varlink

extension Interface {
    /// `Watch`: what happens to a job, until it has ended.
    ///
    /// The last reply is the final state, also for a caller that asks for events after it.
    mutating func addWatch(_ board: JobBoard) {
        stream("Watch") { (parameters: WatchParameters, call) in
            guard parameters.from ?? 1 >= 1 else { throw VarlinkError.invalidParameter("from") }
            let record = try await board.record(parameters.id)
            var next = parameters.from ?? 1
            while true {
                for event in record.events(from: next) {
                    if event.state?.isFinal == true { return EventResult(event: event) }
                    call.reply.send(EventResult(event: event), continues: true)
                    next = event.sequence + 1
                    try await call.reply.waitForRoom()
                }
                if record.isFinal, let last = record.events.last(where: { $0.state?.isFinal == true }) {
                    return EventResult(event: last)
                }
                try await record.changed.wait()
            }
        }
    }
}
