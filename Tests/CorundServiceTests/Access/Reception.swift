import CorundAPI
import CorundLoop
import CorundRunner
import Logging
import Systemd
import TestSupport
import Testing
import Varlink

@testable import CorundService

/// A daemon's interfaces on a real socket, whose clients are who the test says that they are.
final class Reception {
    let board: JobBoard
    let loop: EventLoop
    let entries = LogEntries()
    private let server: VarlinkServer
    private let folder: TemporaryFolder
    private var connected = 0

    /// Users that ``policy`` knows; each has a group of its number.
    enum User: UInt32, CaseIterable {
        case root = 0
        case alice = 1001
        case bob = 1002
        case observer = 1003
        case both = 1004
        case operator1005 = 1005
        case nobody = 65_534
    }

    static let policy = AccessPolicy(
        ownUserID: 1000,
        grants: [
            AccessPolicy.Grant(role: .submit, to: .user, [1001, 1002, 1004]),
            AccessPolicy.Grant(role: .observe, to: .group, [1003, 1004]),
            AccessPolicy.Grant(role: .operate, to: .user, [1005]),
        ])

    private init(_ runner: Runner) throws {
        loop = try runner.loop
        folder = try TemporaryFolder()
        let logger = Logger(label: "test") { [entries] _ in RecordingLogHandler(entries: entries) }
        scheduler = Scheduler(
            loop: loop, sharedContext: try runner.context, limits: Scheduler.Limits(Configuration()),
            statistics: JobStatistics(), wallClock: .system,
            logger: logger)
        let store = try JobStore(
            engine: try MemoryEngine(retention: Shelf.generous), loop: loop, logger: logger, now: WallClock.system.now)
        board = JobBoard(
            store: store, scheduler: scheduler, kinds: KindCatalog(.builtIn), wallClock: .system, logger: logger)
        manager = ServiceManager(loop: loop, notifier: Notifier(environment: [:]), watchdog: nil, logger: logger)
        ending = Ending(Configuration(), scheduler: scheduler, manager: manager, logger: logger)
        server = VarlinkServer(loop: loop, service: ServiceInfo(vendor: "", product: "", version: "", url: ""))
        server.offer([
            .jobs(board, scheduler),
            .service(scheduler, board, ending, nil, .system) { 0 },
        ])
        server.apply(Self.policy)
        try server.listen(on: Listener(path: path))
    }

    private let scheduler: Scheduler
    private let ending: Ending
    private let manager: ServiceManager
    var path: String { folder.file("socket") }

    /// Runs `body` with a new one, on a loop.
    static func run(_ body: @escaping (Reception) async throws -> Void) throws {
        let runner = Runner()
        nonisolated(unsafe) let reception = try Reception(runner)
        nonisolated(unsafe) let body = body
        try runner.run {
            try await body(reception)
            reception.server.stopListening()
            reception.scheduler.close()
        }
        try runner.close(taskTimeout: .seconds(1))
        reception.server.finish(within: .zero)
    }

    /// A client that is that user, in the group of its number and in these.
    func connect(as user: User, groups: [UInt32] = []) async throws -> Client {
        server.identify = { _ in
            Peer(processID: 1, userID: user.rawValue, groupID: user.rawValue, supplementaryGroupIDs: groups)
        }
        let client = try await Client.connect(to: path)
        _ = try await client.call("org.varlink.service.GetInfo")  // accepted, as that one
        return client
    }

    /// Who may do what from now on.
    func apply(_ policy: AccessPolicy) {
        server.apply(policy)
    }

    /// Reloads what `source` reads into this one.
    func makeReloading(_ source: @escaping Reloading.Source) -> Reloading {
        let parts = Reloading.Parts(
            scheduler: scheduler, board: board, server: server, ending: ending, manager: manager)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        return Reloading(source, running: Configuration(), parts, logger: logger)
    }

    /// How a call ends: the error's name, or none.
    static func outcome(of body: () async throws -> Void) async -> String? {
        do {
            try await body()
            return nil
        } catch let error as VarlinkError {
            return error.name
        } catch let error as any ErrorReply {
            return error.onTheWire.name
        } catch {
            return "\(error)"
        }
    }

    static let denied = "org.varlink.service.PermissionDenied"
    static let noSuchJob = "io.corund.Jobs.NoSuchJob"
}
