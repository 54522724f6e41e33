import CorundAPI
import Varlink

/// The kinds of job that are in force, which a reload may change.
///
/// A job holds the kind that was in force when it was submitted, and is run as the one that is in force when it starts.
/// It belongs to the loop.
final class KindCatalog {
    private(set) var kinds: [String: RegisteredKind]
    private var table: KindTable
    /// Kinds that jobs have, and that are not there (any more).
    private var gone: [String: RegisteredKind] = [:]

    /// Whether jobs may have a kind that is not there.
    var hasGone: Bool { !gone.isEmpty }

    init(_ registry: JobRegistry) {
        kinds = registry.kinds
        table = KindTable(kinds)
    }

    /// The kind that `request` names.
    ///
    /// - Throws: ``JobsError/unknownJob(job:)``.
    func find(_ request: RunRequest, in text: UnsafeBufferPointer<UInt8>) throws(JobsError) -> RegisteredKind {
        try table.find(request, in: text)
    }

    /// - Throws: ``JobsError/unknownJob(job:)``.
    func find(_ name: String) throws(JobsError) -> RegisteredKind {
        guard let kind = kinds[name] else { throw .unknownJob(job: name) }
        return kind
    }

    /// The kind of a job that is on disk: when there is none of that name, one that is gone.
    func kind(ofRecorded name: String) -> RegisteredKind {
        kinds[name] ?? gone[name] ?? makeGone(name)
    }

    private func makeGone(_ name: String) -> RegisteredKind {
        let kind = RegisteredKind(name: name, options: KindOptions(), check: { _ in }, run: { _, _ in .emptyObject })
        kind.wasTakenAway = true
        gone[name] = kind
        return kind
    }

    /// Puts other kinds in force.
    func replace(with registry: JobRegistry) {
        for kind in registry.kinds.values { (kind.successor, kind.wasTakenAway) = (nil, false) }
        for (name, old) in kinds.merging(gone, uniquingKeysWith: { kind, _ in kind }) {
            if let new = registry.kinds[name] {
                if new !== old { old.successor = new }
                gone[name] = nil
            } else {
                old.wasTakenAway = true
                gone[name] = old
            }
        }
        kinds = registry.kinds
        table = KindTable(kinds)
    }
}
