import CorundAPI

/// Where detached jobs are kept: the seam between the board and a disk, or the want of one.
///
/// What `insert` has returned from is recorded as well as the store can; what `save` is given is recorded soon, in the
/// order given. Everything is called on the loop, and must not wait there.
protocol JobStore: AnyObject {
    /// Whether what is recorded survives the daemon.
    var isDurable: Bool { get }

    /// A number that no job has had.
    func nextID() -> JobID

    /// Records new jobs, all or none.
    ///
    /// - Throws: ``JobsError/storageUnavailable(message:)``.
    func insert(_ records: [JobRecord]) async throws

    /// Records that a job has come into another state.
    func save(_ record: JobRecord)

    /// The job of that number; nil when there is none, or not any more.
    func find(_ id: JobID) async throws -> JobRecord?

    /// The live or retained job that was submitted with that key.
    func find(key: String) async throws -> JobRecord?

    /// The youngest `limit` jobs that the filter lets through, youngest first, and whether there are more.
    func page(_ filter: JobFilter, limit: Int) async throws -> (records: [JobRecord], hasMore: Bool)
}
