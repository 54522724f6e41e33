import CorundAPI

/// Finding jobs, for whoever may see them.
extension JobBoard {
    /// - Throws: ``JobsError/noSuchJob(id:)``.
    static func number(_ id: String) throws(JobsError) -> JobID {
        guard let number = JobID(id) else { throw .noSuchJob(id: id) }
        return number
    }

    /// - Throws: ``JobsError/noSuchJob(id:)``.
    func job(_ id: JobID, for principal: Principal) async throws -> Job {
        guard let job = try await store.read({ try $0.find(id, of: principal.onlyOwner) }) else {
            throw JobsError.noSuchJob(id: id.description)
        }
        return job
    }

    /// What has happened to the job from the number `sequence` on.
    ///
    /// - Throws: ``JobsError/noSuchJob(id:)``.
    func events(of id: JobID, from sequence: Int, for principal: Principal) async throws -> StoreReader.Events {
        guard let events = try await store.read({ try $0.events(of: id, from: sequence, of: principal.onlyOwner) })
        else {
            throw JobsError.noSuchJob(id: id.description)
        }
        return events
    }

    /// What drives the job; nil when it has ended.
    func execution(of id: JobID) -> DetachedJob? {
        live[id]
    }

    /// The job as it is when it has ended.
    ///
    /// - Throws: ``JobsError/noSuchJob(id:)``; ``JobsError/draining`` when the daemon ends before the job, which goes on
    ///   when there is a daemon again.
    func end(of id: JobID, for principal: Principal) async throws -> Job {
        try await changes.follow(id) { follower in
            while true {
                let (version, isLast) = (follower.version, follower.isLast)
                let job = try await job(id, for: principal)
                if job.finishedAt != nil { return job }
                guard !isLast else { throw JobsError.draining }
                try await follower.wait(after: version)
            }
        }
    }
}
