import CorundAPI
import CorundLoop
import Testing
import Varlink

@testable import CorundService

struct JobContextsTests {
    private struct Count: Decodable {
        let count: Int
    }

    private static func count(_ shop: Workshop, in context: String? = nil) async throws -> Int {
        let record = try await shop.submit("count") { $0.context = context }
        return try #require(try await shop.end(of: record).result).decode(Count.self).count
    }

    private static func expectCount(
        _ expected: Int, _ shop: Workshop, in context: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let found = try await count(shop, in: context)
        #expect(found == expected, sourceLocation: sourceLocation)
    }

    @Test func whatAJobSetsTheNextOneReads() throws {
        try Workshop.run { shop in
            for expected in 1...3 { try await Self.expectCount(expected, shop) }
            try await Self.expectCount(4, shop, in: "shared")
        }
    }

    /// It begins with what the shared one had before the first job.
    @Test func anIsolatedJobSeesNothingAndLeavesNoTrace() throws {
        try Workshop.run { shop in
            try await Self.expectCount(1, shop, in: "isolated")
            try await Self.expectCount(1, shop, in: "isolated")
            try await Self.expectCount(1, shop)
            try await Self.expectCount(1, shop, in: "isolated")
            try await Self.expectCount(1, shop, in: "isolated")
            try await Self.expectCount(2, shop)
        }
    }

    @Test func aNamedContextIsSharedByThoseThatNameIt() throws {
        try Workshop.run { shop in
            try await Self.expectCount(1, shop, in: "mine")
            try await Self.expectCount(2, shop, in: "mine")
            try await Self.expectCount(1, shop, in: "yours")
            try await Self.expectCount(1, shop)
        }
    }

    @Test func contextsAreListedWithWhatRunsAndWhatIsVisible() throws {
        try Workshop.run { shop in
            _ = try await Self.count(shop)
            _ = try await Self.count(shop, in: "b")
            let running = try await shop.work("a") { $0.context = "a" }
            await shop.settle()
            #expect(
                shop.scheduler.contexts.info == [
                    ContextInfo(name: "shared", jobs: 0, variables: ["counter": "1"]),
                    ContextInfo(name: "a", jobs: 1, variables: [:]),
                    ContextInfo(name: "b", jobs: 0, variables: ["counter": "1"]),
                ])
            try await shop.end(of: running)
        }
    }

    @Test func isolatedContextsAreNotKept() throws {
        try Workshop.run { shop in
            for _ in 0..<10 { _ = try await Self.count(shop, in: "isolated") }
            await Task.yield()
            #expect(shop.scheduler.contexts.info.map(\.name) == ["shared"])
            #expect(shop.loop.liveTasks.filter { $0.name == "carrier" }.isEmpty)
        }
    }

    @Test func theNumberOfNamedContextsIsBounded() throws {
        try Workshop.run { shop in
            for number in 0..<JobContexts.mostNamed { _ = try await Self.count(shop, in: "context\(number)") }
            await #expect(throws: VarlinkError.invalidParameter("submission.context")) {
                _ = try await Self.count(shop, in: "one more")
            }
            try await Self.expectCount(2, shop, in: "context7")
            try await Self.expectCount(1, shop, in: "isolated")
        }
    }

    @Test func thoseThatJobsWillHaveWhichWaitCountToo() throws {
        try Workshop.run { shop in
            shop.scheduler.pause(nil)
            let submissions = try (0...JobContexts.mostNamed).map { number in
                try Workshop.submission("echo") { $0.context = "context\(number)" }
            }
            await #expect(throws: VarlinkError.invalidParameter("submissions[1024].context")) {
                _ = try await shop.submitMany(submissions)
            }
            await #expect(throws: VarlinkError.invalidParameter("submission.context")) {
                _ = try await shop.submit("echo") { $0.context = "one more" }
            }
            try await shop.submit("echo") { $0.context = "context7" }
        }
    }

    @Test(arguments: [(nil, ContextChoice.shared), ("shared", .shared), ("isolated", .isolated), ("x", .named("x"))])
    func aChoiceIsMadeByName(name: String?, choice: ContextChoice) {
        #expect(ContextChoice(name) == choice)
        #expect(choice.name == name ?? "shared")
    }
}
