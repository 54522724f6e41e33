import CorundAPI
import Varlink

extension Interface {
    /// `Watch`: what happens to a job, until it has ended.
    ///
    /// The last reply is the last state, also for a caller that asks for events after it.
    mutating func addWatch(_ board: JobBoard) {
        stream("Watch") { (parameters: WatchParameters, call) in
            guard !call.flags.contains(.oneway) else { throw VarlinkError.expectedMore }  // see `Wait`
            guard parameters.from ?? 1 >= 1 else { throw VarlinkError.invalidParameter("from") }
            let id = try JobBoard.number(parameters.id)
            var next = parameters.from ?? 1
            return try await board.changes.follow(id) { follower in
                while true {
                    let (version, isLast) = (follower.version, follower.isLast)
                    let page = try await board.events(of: id, from: next, for: call.principal)
                    for event in page.events {
                        if page.hasEnded, event.sequence == page.lastState { return EventResult(event: event) }
                        call.reply.send(EventResult(event: event), continues: true)
                        next = event.sequence + 1
                        try await call.reply.waitForRoom()
                    }
                    if page.hasEnded, page.events.isEmpty { next = page.lastState }
                    guard page.events.isEmpty, !page.hasEnded else { continue }
                    guard !isLast else { throw JobsError.draining }
                    try await follower.wait(after: version)
                }
            }
        }
    }
}
