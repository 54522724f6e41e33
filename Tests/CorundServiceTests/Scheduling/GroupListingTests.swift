import CorundAPI
import Testing

@testable import CorundService

struct GroupListingTests {
    private static func group(_ name: String, running: Int = 0, queued: Int = 0) -> Group {
        Group(name: name, running: running, queued: queued, limit: nil, paused: false)
    }

    /// Names in the order of their numbers.
    private static func names(_ numbers: Range<Int>) -> [String] {
        numbers.map { "group \(1000 + $0)" }
    }

    @Test func whatFitsIsListedByName() {
        let listing = GroupListing(
            managed: [Self.group("d"), Self.group("b")],
            others: [Self.group("c", queued: 1), Self.group("a", running: 9)])
        #expect(listing.all.map(\.name) == ["a", "b", "c", "d"])
        #expect(listing.managed.map(\.name) == ["b", "d"])
        #expect(listing.leftOut == 0)
        #expect(GroupListing(managed: [], others: []).all.isEmpty)
    }

    @Test func allThatAreManagedAreListedHoweverManyTheyAre() {
        let managed = Self.names(0..<1000).map { Self.group($0) }
        let listing = GroupListing(managed: managed.reversed(), others: [Self.group("other", queued: 1)])
        #expect(listing.managed == managed)
        #expect(listing.all.count == 1001)
        #expect(listing.leftOut == 0)
    }

    @Test func ofTheOthersThoseWithMostJobsAreListed() {
        let others = Self.names(0..<1000).enumerated().map { number, name in
            Self.group(name, running: number % 3, queued: number - number % 3)
        }
        for order in [others, others.reversed(), others.shuffled()] {
            let listing = GroupListing(managed: [], others: order)
            #expect(listing.all == others.suffix(100))
            #expect(listing.leftOut == 900)
        }
    }

    @Test func amongThoseWithAsManyJobsTheFirstByNameAreListed() {
        let equals = Self.names(0..<300).map { Self.group($0, queued: 1) }
        let busiest = Self.group("z", running: 1, queued: 1)
        let listing = GroupListing(managed: [], others: (equals + [busiest]).shuffled())
        #expect(listing.all == equals.prefix(99) + [busiest])
        #expect(listing.leftOut == 201)
    }
}
