import CorundLoop
public import Varlink

/// A client of a corund daemon, on the running event loop.
///
///     try Runner.run {
///         let client = try await Client.connect(to: "/run/corund/corund.sock")
///         let result = try await client.run("echo", arguments: RawJSON(encoding: ["hello": "world"]))
///     }
///
/// It belongs to the thread of the loop that it was made on. Every method throws ``JobsError`` and
/// ``ServiceError`` for the errors that the interfaces declare, `VarlinkError` for others that the daemon answers,
/// `ClientError` when the daemon does not answer, `CancellationError`, and `EventLoopError.wrongThread` elsewhere than on
/// that loop (in a `Task {}`, say, or in a later `Runner.run`).
///
/// Calls may overlap; they are answered in order. So an answer waits for those before it, also for that to a call which was
/// cancelled here: what is to be answered while a job is waited for or watched goes over another client.
///
/// A client ends with its connection; ``ReconnectingClient`` waits for a daemon that is started anew.
public final class Client: Sendable {
    private let connection: ClientConnection

    private init(_ connection: ClientConnection) {
        self.connection = connection
    }

    /// Connects to the daemon that listens at `path`.
    ///
    /// - Throws: `ClientError.unreachable`; `EventLoopError.wrongThread` outside of a running loop.
    public static func connect(to path: String) async throws -> Client {
        guard let loop = EventLoop.running else { throw EventLoopError.wrongThread }
        return Client(try await ClientConnection.connect(to: path, on: loop))
    }

    /// Connects to the daemon where it usually is: at `$CORUND_SOCKET`, else the user's own at
    /// `$XDG_RUNTIME_DIR/corund/corund.sock` if there is one, else the system's at `/run/corund/corund.sock`.
    ///
    /// - Throws: ``NoDaemonError`` when nothing is there; what ``connect(to:)`` throws.
    public static func connect() async throws -> Client {
        try await connect(to: SocketChoice.ofThisProcess().chosen)
    }

    /// Closes the connection; calls that are not answered throw.
    public func close() {
        connection.close()
    }

    // MARK: Jobs

    /// Runs a job attached to this connection and gives its result; it is cancelled when the connection goes, unless
    /// `keep` is true.
    public func run(
        _ job: String, arguments: RawJSON? = nil, context: String? = nil, timeout: Duration? = nil, keep: Bool? = nil
    ) async throws -> RawJSON? {
        let parameters = RunParameters(
            job: job, arguments: arguments, context: context, timeout_ms: timeout?.wholeMilliseconds, keep: keep)
        return try await jobs("Run", parameters, as: RunResult.self).result
    }

    /// Records a job to be run; says whether it is new, or the one that had the submission's key already.
    public func submit(_ submission: Submission) async throws -> (id: String, created: Bool) {
        let result = try await jobs("Submit", SubmitParameters(submission: submission), as: SubmitResult.self)
        return (result.id, result.created)
    }

    /// Records all of the jobs, or none.
    public func submit(_ submissions: [Submission]) async throws -> [String] {
        try await jobs("SubmitMany", SubmitManyParameters(submissions: submissions), as: SubmitManyResult.self).ids
    }

    /// The job as it is now.
    public func get(_ id: String) async throws -> Job {
        try await jobs("Get", IDParameters(id: id), as: JobResult.self).job
    }

    /// The job as it is when it has ended.
    public func wait(for id: String) async throws -> Job {
        try await jobs("Wait", IDParameters(id: id), as: JobResult.self).job
    }

    /// What happens to the job, from the event number `sequence` (from 1) on, until it has ended.
    public func watch(_ id: String, from sequence: Int? = nil) throws -> Replies<Event> {
        let parameters = try RawJSON(encoding: WatchParameters(id: id, from: sequence))
        let call = connection.stream("\(InterfaceName.jobs).Watch", parameters)
        return Replies(call) { try $0.decode(EventResult.self).event }
    }

    /// A page of jobs, the youngest first, and where the next page begins.
    public func list(_ filter: JobFilter = JobFilter()) async throws -> (jobs: [Job], next: String?) {
        let result = try await jobs("List", filter, as: ListResult.self)
        return (result.jobs, result.next)
    }

    /// Cancels a job, and says what has become of it; `isStuck` when it did not end within the grace.
    public func cancel(
        _ id: String, reason: String? = nil, grace: Duration? = nil
    ) async throws -> (state: JobState, isStuck: Bool) {
        let parameters = CancelParameters(id: id, reason: reason, grace_ms: grace?.wholeMilliseconds)
        let result = try await jobs("Cancel", parameters, as: CancelResult.self)
        return (result.state, result.stuck)
    }

    /// Gives a job that ended without success another attempt.
    ///
    /// - Throws: ``JobsError/invalidState(id:state:)`` for one that has not ended, or has succeeded.
    public func retry(_ id: String) async throws {
        _ = try await jobs("Retry", IDParameters(id: id), as: RetryResult.self)
    }

    /// Has the daemon forget jobs that have ended; says how many it has forgotten.
    @discardableResult
    public func remove(_ ids: [String]) async throws -> Int {
        try await jobs("Remove", RemoveParameters(ids: ids), as: RemoveResult.self).removed
    }

    /// The kinds of job that the daemon knows.
    public func kinds() async throws -> [Kind] {
        try await jobs("Kinds", NoParameters(), as: KindsResult.self).kinds
    }

    // MARK: Service

    /// Whether the loop turns and the daemon admits work.
    public func health() async throws -> Health {
        try await service("Health", NoParameters(), as: Health.self)
    }

    /// What the daemon has done and does.
    public func statistics() async throws -> Statistics {
        try await service("Statistics", NoParameters(), as: Statistics.self)
    }

    /// The contexts that jobs share.
    public func contexts() async throws -> [ContextInfo] {
        try await service("Contexts", NoParameters(), as: ContextsResult.self).contexts
    }

    /// The coroutines that are alive on the daemon's loop.
    public func tasks() async throws -> [TaskInfo] {
        try await service("Tasks", NoParameters(), as: TasksResult.self).tasks
    }

    /// What the daemon measures, in Prometheus' text exposition format.
    public func metrics() async throws -> String {
        try await service("Metrics", NoParameters(), as: MetricsResult.self).text
    }

    /// Has the daemon read its configuration again; gives the keys whose values have changed.
    ///
    /// - Throws: ``ServiceError/configurationInvalid(file:line:message:)``; then the old one stays in force.
    @discardableResult
    public func reload() async throws -> [String] {
        try await service("Reload", NoParameters(), as: ReloadResult.self).changed
    }

    /// Has a group start no more jobs; what runs goes on.
    ///
    /// - Parameter group: nil for all of them.
    /// - Throws: ``ServiceError/noSuchGroup(group:)``.
    public func pause(group: String? = nil) async throws {
        _ = try await service("Pause", GroupParameters(group: group), as: NoParameters.self)
    }

    /// Ends ``pause(group:)``.
    ///
    /// - Parameter group: nil for all of them.
    /// - Throws: ``ServiceError/noSuchGroup(group:)``.
    public func resume(group: String? = nil) async throws {
        _ = try await service("Resume", GroupParameters(group: group), as: NoParameters.self)
    }

    /// Switches the loop's debug mode; gives what it is then.
    public func setDebug(_ isEnabled: Bool) async throws -> Bool {
        try await service("SetDebug", EnabledValue(enabled: isEnabled), as: EnabledValue.self).enabled
    }

    /// Has the daemon admit nothing more, end what runs, and exit.
    ///
    /// The replies are the number of jobs left, as it falls.
    public func drain(timeout: Duration? = nil) throws -> Replies<Int> {
        let parameters = try RawJSON(encoding: DrainParameters(timeout_ms: timeout?.wholeMilliseconds))
        let call = connection.stream("\(InterfaceName.service).Drain", parameters)
        return Replies(call) { try $0.decode(DrainResult.self).running }
    }

    // MARK: Any method

    /// Calls any method by its full name and gives the parameters of its reply.
    public func call(_ method: String, parameters: RawJSON = .emptyObject) async throws -> RawJSON {
        do { return try await connection.call(method, parameters) } catch { throw Client.translated(error) }
    }

    /// Calls any method with `more`; the replies' parameters are read from what is returned.
    public func stream(_ method: String, parameters: RawJSON = .emptyObject) -> Replies<RawJSON> {
        Replies(connection.stream(method, parameters)) { $0 }
    }

    private func jobs<Parameters: Encodable, Result: Decodable>(
        _ method: String, _ parameters: Parameters, as type: Result.Type
    ) async throws -> Result {
        try await call("\(InterfaceName.jobs).\(method)", parameters: RawJSON(encoding: parameters)).decode()
    }

    private func service<Parameters: Encodable, Result: Decodable>(
        _ method: String, _ parameters: Parameters, as type: Result.Type
    ) async throws -> Result {
        try await call("\(InterfaceName.service).\(method)", parameters: RawJSON(encoding: parameters)).decode()
    }

    fileprivate static func translated(_ error: any Error) -> any Error {
        guard let reply = error as? VarlinkError else { return error }
        if let error = JobsError(reply) { return error }
        if let error = ServiceError(reply) { return error }
        return reply
    }

    /// The replies to a call that is answered more than once.
    public struct Replies<Element: Sendable>: AsyncSequence, AsyncIteratorProtocol {
        private let call: ClientCall
        private let decode: (RawJSON) throws -> Element

        fileprivate init(_ call: ClientCall, _ decode: @escaping (RawJSON) throws -> Element) {
            self.call = call
            self.decode = decode
        }

        /// Itself: replies can be read once.
        public func makeAsyncIterator() -> Replies { self }

        /// The next reply; nil after the last one.
        public func next() async throws -> Element? {
            do { return try await call.next().map(decode) } catch { throw Client.translated(error) }
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded up, as durations are on the wire.
    package var wholeMilliseconds: Int {
        let nanoseconds = clampedNanoseconds
        return Int(nanoseconds / 1_000_000) + (nanoseconds % 1_000_000 > 0 ? 1 : 0)
    }
}
