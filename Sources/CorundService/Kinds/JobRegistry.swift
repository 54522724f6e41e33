public import CorundAPI
import CorundLoop
import Glibc
public import Varlink

/// The kinds of job that a daemon knows.
///
/// Register them before the daemon runs.
///
///     var registry = JobRegistry()
///     registry.register("thumbnail") { (arguments: Thumbnail, job) async throws -> Picture in … }
public struct JobRegistry: Sendable {
    private(set) var kinds: [String: RegisteredKind] = [:]

    /// A registry that knows no kind.
    public init() {}

    /// Registers a kind whose arguments and result are `Codable`.
    ///
    /// It replaces one of the same name.
    ///
    /// The handler runs on the daemon's loop, in the job's context. Arguments that do not decode are refused before it
    /// is called. Its cancellation is task cancellation; an error that it throws becomes the job's failure (see
    /// ``JobFailure``), and so does a result of more than 60 MiB.
    ///
    /// - Precondition: the options are within their ranges; so is the name, as that of a group.
    /// - Parameters:
    ///   - name: what submissions call it.
    ///   - options: how its jobs are run, when the submission does not say.
    ///   - handler: what a job does.
    public mutating func register<Arguments: Decodable & Sendable, Result: Encodable & Sendable>(
        _ name: String, _ options: KindOptions = KindOptions(),
        handler: @escaping @Sendable (Arguments, JobContext) async throws -> Result
    ) {
        add(name, options, check: { _ = try ArgumentProblem.decode($0, as: Arguments.self) }) { arguments, job in
            try RawJSON(encoding: try await handler(try ArgumentProblem.decode(arguments), job))
        }
    }

    /// Registers a kind that gives no result (`{}` on the wire); see the other form.
    public mutating func register<Arguments: Decodable & Sendable>(
        _ name: String, _ options: KindOptions = KindOptions(),
        handler: @escaping @Sendable (Arguments, JobContext) async throws -> Void
    ) {
        add(name, options, check: { _ = try ArgumentProblem.decode($0, as: Arguments.self) }) { arguments, job in
            try await handler(try ArgumentProblem.decode(arguments), job)
            return .emptyObject
        }
    }

    /// Registers a kind that takes and gives any JSON, byte for byte; see the other form.
    public mutating func registerRaw(
        _ name: String, _ options: KindOptions = KindOptions(),
        handler: @escaping @Sendable (RawJSON, JobContext) async throws -> RawJSON
    ) {
        add(name, options, check: { _ in }, handler)
    }

    /// Registers a kind whose arguments `check` refuses by throwing ``ArgumentProblem``.
    mutating func add(
        _ name: String, _ options: KindOptions, check: @escaping @Sendable (RawJSON) throws -> Void,
        _ run: @escaping @Sendable (RawJSON, JobContext) async throws -> RawJSON
    ) {
        precondition(Submission.isName(name), "a kind's name has 1 to 1024 bytes, and no NUL: \(name.debugDescription)")
        if let mistake = options.mistake { preconditionFailure("the kind \(name): \(mistake)") }
        kinds[name] = RegisteredKind(name: name, options: options, check: check, run: run)
    }
}

/// How the jobs of a kind are run, when their submission does not say.
public struct KindOptions: Sendable, Equatable {
    /// One line for people.
    public var summary = ""
    /// A JSON Schema of the arguments, for people and their editors; the handler's type is what is checked.
    public var argumentsSchema: RawJSON?
    /// Whether detached jobs of it are to survive the daemon, where the store does (see ``Durability``).
    public var isDurable = true
    /// The group that its jobs belong to, 1 to 1024 bytes without a NUL; nil: one of the kind's name.
    public var group: String?
    /// Running time allowed, at least 1 ms; nil: without limit.
    public var timeout: Duration?
    /// Attempts that a job has, at least 1; 0: without limit.
    public var maxAttempts = 1
    /// What becomes of a detached job that the daemon's death or end has interrupted.
    public var crashPolicy = CrashPolicy.rerun

    /// Whether only the daemon's own user may run or submit it: nobody else, not even root.
    public var isForOwnUserAlone = false

    /// Whether its jobs run a program each, beside which an entry in the log costs nothing.
    var runsProgram = false

    /// Options as above.
    public init(summary: String = "") {
        self.summary = summary
    }

    /// What is out of its range.
    var mistake: String? {
        if let group, !Submission.isName(group) { return "a group's name has 1 to 1024 bytes, and no NUL" }
        if let timeout, timeout < .milliseconds(1) { return "the timeout is \(timeout); it is at least 1 ms" }
        if maxAttempts < 0 { return "there are \(maxAttempts) attempts; 0 means without limit" }
        return nil
    }
}

/// A kind as the daemon holds it, and as its jobs do: what is said of it here does not change.
final class RegisteredKind: @unchecked Sendable {
    // SAFETY: what changes belongs to the loop, once the kind is in a daemon's catalog.
    let name: String
    let options: KindOptions
    /// Throws ``ArgumentProblem`` for arguments that the handler could not take.
    let check: @Sendable (RawJSON) throws -> Void
    let run: @Sendable (RawJSON, JobContext) async throws -> RawJSON
    let timeoutMilliseconds: Int?
    let runsProgram: Bool
    private let isForOwnUserAlone: Bool
    /// What a reload has put in its place.
    var successor: RegisteredKind?
    /// Whether a reload has taken it away, and put nothing in its place.
    var wasTakenAway = false

    init(
        name: String, options: KindOptions, check: @escaping @Sendable (RawJSON) throws -> Void,
        run: @escaping @Sendable (RawJSON, JobContext) async throws -> RawJSON
    ) {
        self.name = name
        self.options = options
        self.check = check
        self.run = run
        timeoutMilliseconds = options.timeout?.wholeMilliseconds
        runsProgram = options.runsProgram
        isForOwnUserAlone = options.isForOwnUserAlone
    }

    var group: String { options.group ?? name }

    /// What is to be run now of a job that was submitted when this was in force.
    var current: RegisteredKind {
        guard var kind = successor else { return self }
        while let next = kind.successor { kind = next }
        return kind
    }

    /// Whether the daemon knows no such kind any more.
    var isGone: Bool { current.wasTakenAway }

    /// - Throws: `PermissionDenied` when the user may not have such a job, whatever its role.
    func check(user: UInt32) throws(VarlinkError) {
        guard isForOwnUserAlone else { return }
        guard user == geteuid() else {
            throw .permissionDenied("jobs of the kind \(name) are for the daemon's own user alone, whatever one's role")
        }
    }

    /// As `Kinds` lists it.
    ///
    /// - Parameter isStoreDurable: whether there is a store that can keep what is to survive.
    /// - Returns: the kind, durable only where the store is.
    func description(isStoreDurable: Bool) -> Kind {
        Kind(
            name: name, summary: options.summary, argumentsSchema: options.argumentsSchema,
            durable: options.isDurable && isStoreDurable, group: group,
            timeoutMilliseconds: timeoutMilliseconds, maxAttempts: options.maxAttempts, crashPolicy: options.crashPolicy
        )
    }
}
