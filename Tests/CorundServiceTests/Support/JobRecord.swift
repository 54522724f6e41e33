import CorundAPI

@testable import CorundService

/// A detached job of a ``Workshop``, as it is recorded at the moment when somebody asks.
final class JobRecord {
    let id: JobID
    private let engine: any StoreEngine

    init(_ id: JobID, _ engine: any StoreEngine) {
        (self.id, self.engine) = (id, engine)
    }

    var job: Job {
        guard let job = read({ try $0.find(id) }) else { preconditionFailure("job \(id) has been forgotten") }
        return job
    }

    var isForgotten: Bool { read { try $0.find(id) } == nil }

    var events: [Event] { events(from: 1) }

    func events(from first: Int) -> [Event] {
        var events: [Event] = []
        while let page = read({ try $0.events(of: id, from: (events.last?.sequence ?? first - 1) + 1) })?.events,
            !page.isEmpty
        { events += page }
        return events
    }

    private func read<Value>(_ body: (StoreReader) throws -> Value) -> Value {
        do { return try engine.writeNow { try body(StoreReader(database: $0.database)) } } catch {
            preconditionFailure("a database in memory can be read: \(error)")
        }
    }
}
