import CorundAPI

/// What jobs wait for.
extension JobBoard {
    /// - Throws: ``JobsError/noSuchJob(id:)`` for one that nobody knows.
    func checkPredecessors(_ ids: [String]) async throws {
        let absent = try ids.map(Self.number).filter { live[$0] == nil }
        guard !absent.isEmpty else { return }
        let known = try await store.read { try $0.states(of: absent) }
        if let id = absent.first(where: { known[$0] == nil }) { throw JobsError.noSuchJob(id: id.description) }
    }

    /// The predecessors that a job is to wait for, and those whose end it must be told at once, with that.
    ///
    /// They may end while others are asked for, so nothing is asked any more in the step in which this returns.
    func fates(of predecessors: [JobID]) async -> [(id: JobID, state: JobState?)] {
        var ended: [JobID: JobState] = [:]
        while true {
            let unknown = predecessors.filter { live[$0] == nil && ended[$0] == nil }
            if unknown.isEmpty { break }
            // One that has been forgotten since has succeeded: the others' successors are cancelled before that.
            let states = await store.settledStates(of: unknown)
            for id in unknown { ended[id] = states[id] ?? .succeeded }
        }
        return predecessors.map { ($0, live[$0] == nil ? ended[$0] : nil) }
    }
}
