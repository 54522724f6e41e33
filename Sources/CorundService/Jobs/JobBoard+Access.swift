import CorundAPI
import Varlink

/// Who may change which job.
extension JobBoard {
    /// - Throws: ``JobsError/noSuchJob(id:)`` for a job that the principal may not see; `PermissionDenied` for one that
    ///   it may only see.
    func checkMayChange(_ id: JobID, _ principal: Principal) async throws {
        guard try await changeable([id], by: principal) == [id] else { throw JobsError.noSuchJob(id: id.description) }
    }

    /// The jobs among these that the principal may change, if there are such, without those that it may not see.
    ///
    /// (A job's owner never changes, so that what is said here holds for as long as there is the job.)
    ///
    /// - Throws: `PermissionDenied` when there is one that it may only see.
    func changeable(_ ids: [JobID], by principal: Principal) async throws -> [JobID] {
        if principal.roles.contains(.operate) { return ids }
        let owners = try await store.read { try $0.owners(of: ids) }
        return try ids.filter { id in
            guard let owner = owners[id], !principal.mayChange(jobsOf: owner) else { return true }
            guard principal.onlyOwner != nil else {
                throw AccessRoles.operate.denial(of: "changing job \(id), which is another user's,")
            }
            return false
        }
    }
}
