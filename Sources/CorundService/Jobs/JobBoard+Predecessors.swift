import CorundAPI

/// What jobs wait for.
extension JobBoard {
    /// - Throws: ``JobsError/noSuchJob(id:)`` for one that the principal does not know.
    func checkPredecessors(_ ids: [JobID], of principal: Principal) async throws {
        // What lives is there for those who see everything; for the others the record says whose it is.
        let asked = ids.filter { principal.onlyOwner != nil || live[$0] == nil }
        guard !asked.isEmpty else { return }
        let owners = try await store.read { try $0.owners(of: asked) }
        if let id = asked.first(where: { !principal.sees(jobsOf: owners[$0]) }) {
            throw JobsError.noSuchJob(id: id.description)
        }
    }

    /// The predecessors that a job is to wait for, and what became of those that it must be told of at once.
    ///
    /// They may end while others are asked for, so nothing is asked any more in the step in which this returns.
    func fates(of predecessors: [JobID]) async -> [(id: JobID, fate: PredecessorFate)] {
        var ended: [JobID: JobState] = [:]
        while true {
            let unknown = predecessors.filter { live[$0] == nil && ended[$0] == nil }
            if unknown.isEmpty { break }
            // One that has been forgotten has succeeded, unless the board was told otherwise.
            let states = await store.settledStates(of: unknown)
            for id in unknown { ended[id] = states[id] ?? .succeeded }
        }
        return predecessors.map { id in
            if named.isForgotten(id) { return (id, .forgotten) }
            return (id, live[id] == nil ? ended[id].map(PredecessorFate.ended) ?? .lives : .lives)
        }
    }
}
