import CorundAPI
import HeapModule

/// How the groups stand, as far as they are listed.
///
/// Submitters name groups as they like, so that there may be as many as jobs, with names of a kilobyte each: a reply that
/// had all of them would be larger than any client takes. Pure.
struct GroupListing: Equatable {
    /// Those that the administrator has set up or an operator has paused, all of them, by name.
    let managed: [Group]
    /// Of the others those with most jobs, in no order.
    let busiest: [Group]
    /// How many of the others are not listed.
    let leftOut: Int

    /// The others that are listed at most.
    static let othersAtMost = 100

    init(managed: [Group], others: [Group]) {
        self.managed = managed.sorted { $0.name < $1.name }
        busiest = Self.busiest(Self.othersAtMost, of: others)
        leftOut = others.count - busiest.count
    }

    /// Those that are listed, by name.
    var all: [Group] { (managed + busiest).sorted { $0.name < $1.name } }

    /// Those with most jobs, among equals the first by name.
    ///
    /// Keeps the best so far, with the worst of them at hand: most groups cost one comparison, and no sort of them all.
    private static func busiest(_ count: Int, of groups: [Group]) -> [Group] {
        var best = Heap<Candidate>()
        for candidate in groups.lazy.map(Candidate.init) {
            if best.count < count {
                best.insert(candidate)
            } else if let worst = best.min, worst < candidate {
                best.replaceMin(with: candidate)
            }
        }
        return best.unordered.map(\.group)
    }

    /// A group among others: the greater comes first.
    private struct Candidate: Comparable {
        let group: Group

        private var jobs: Int { group.running + group.queued }

        static func < (one: Candidate, other: Candidate) -> Bool {
            one.jobs == other.jobs ? one.group.name > other.group.name : one.jobs < other.jobs
        }
    }
}
