import CorundAPI
import CorundLoop
import Testing

@testable import CorundService

struct CarrierTests {
    private static func carriers(_ shop: Workshop) -> [TaskRecord] {
        shop.loop.liveTasks.filter { $0.name == "carrier" }
    }

    @Test func oneJobAfterAnotherUsesOneTask() throws {
        try Workshop.run { shop in
            try await shop.end(of: try await shop.work("a"))
            await Task.yield()
            let first = try #require(Self.carriers(shop).first)
            for _ in 0..<20 { try await shop.end(of: try await shop.work("b")) }
            await Task.yield()
            let now = Self.carriers(shop)
            #expect(now.count == 1)
            #expect(now.first === first)
        }
    }

    @Test func jobsThatRunAtOnceHaveATaskEachWhichAreUsedAgain() throws {
        try Workshop.run { shop in
            for _ in 0..<3 {
                var records: [JobRecord] = []
                for number in 0..<5 { records.append(try await shop.work("\(number)")) }
                try await shop.end(of: records)
                await Task.yield()
                #expect(Self.carriers(shop).count == 5)
            }
        }
    }

    @Test func aFailureDoesNotCostTheTask() throws {
        try Workshop.run { shop in
            try await shop.end(of: try await shop.submit("fail"))
            await Task.yield()
            let first = try #require(Self.carriers(shop).first)
            try await shop.end(of: try await shop.submit("fail"))
            await Task.yield()
            #expect(Self.carriers(shop).map(ObjectIdentifier.init) == [ObjectIdentifier(first)])
        }
    }

    @Test func theTaskOfACancelledJobIsNotUsedAgain() throws {
        try Workshop.run { shop in
            let record = try await shop.work("a", seconds: 60)
            try await shop.loop.sleep(for: .seconds(1))
            let first = try #require(Self.carriers(shop).first)
            try await shop.cancel(record)
            try await shop.end(of: record)
            await Task.yield()
            #expect(Self.carriers(shop).isEmpty)
            let next = try await shop.work("b", seconds: 60)
            try await shop.end(of: next)
            #expect(next.job.state == .succeeded)  // a cancelled task could not have slept
            #expect(!Self.carriers(shop).contains { $0 === first })
        }
    }

    /// A handler that decides to go on after its cancellation has a cancelled task all the same.
    @Test func theTaskOfAJobThatIgnoredItsCancellationIsNotUsedAgain() throws {
        try Workshop.run { shop in
            let record = try await shop.submit("stubborn", #"{"name":"","seconds":2}"#)
            try await shop.loop.sleep(for: .seconds(1))
            try await shop.cancel(record)
            try await shop.end(of: record)
            await Task.yield()
            #expect(Self.carriers(shop).isEmpty)
        }
    }
}
