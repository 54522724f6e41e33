import CorundAPI
import CorundLoop
import Varlink

/// The contexts that jobs run in, and the carriers of each.
final class JobContexts {
    private let loop: EventLoop
    /// Told when a handler has returned or thrown.
    ///
    /// To be set before the first job starts.
    var onEnd: (JobExecution, HandlerEnd) -> Void = { _, _ in } {
        didSet { shared.onEnd = onEnd }
    }
    private let shared: CarrierPool
    /// As the shared context was before the first job: what isolated and named contexts begin with, so that they do not
    /// depend on what jobs elsewhere have set so far.
    private let pristine: Context
    private var named: [String: CarrierPool] = [:]
    /// The names of those, and of those that jobs which have not begun will have.
    private var names: Set<String> = []

    /// Contexts that submissions may name; they live as long as the daemon.
    static let mostNamed = 1024

    init(loop: EventLoop, shared: Context) {
        self.loop = loop
        pristine = shared.copy()
        self.shared = CarrierPool(loop: loop, context: shared, onEnd: onEnd)
    }

    /// Whether a job may run in `choice`, which counts from now on: until their turns come, jobs may wait that name any
    /// number of them.
    func admit(_ choice: ContextChoice) -> Bool {
        guard case .named(let name) = choice, !names.contains(name) else { return true }
        guard names.count < Self.mostNamed else { return false }
        names.insert(name)
        return true
    }

    func start(_ job: JobExecution) {
        switch job.context {
        case .shared: shared.start(job)
        case .named(let name): pool(named: name).start(job)
        case .isolated:
            CarrierPool(loop: loop, context: pristine.copy(), mostIdle: 0, onEnd: onEnd).start(job)
        }
    }

    func close() {
        shared.close()
        for pool in named.values { pool.close() }
    }

    /// As `Contexts` lists them.
    var info: [ContextInfo] {
        let all = [("shared", shared)] + named.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return all.map { ContextInfo(name: $0, jobs: $1.running, variables: $1.context.visibleValues) }
    }

    private func pool(named name: String) -> CarrierPool {
        if let pool = named[name] { return pool }
        let pool = CarrierPool(loop: loop, context: pristine.copy(), onEnd: onEnd)
        named[name] = pool
        names.insert(name)
        return pool
    }
}
