import CorundAPI
import CorundLoop
import Testing

@testable import CorundService

struct TasksMethodTests {
    private static let now = Timestamp(microseconds: 1_000_000_000)

    private static func task(_ id: UInt64, _ name: String, parent: UInt64? = nil) -> TaskSnapshot {
        TaskSnapshot(id: id, name: name, parent: parent, state: .waiting, age: .seconds(2), createdAt: "a.swift:1")
    }

    @Test func aHandlersTaskIsCalledAfterItsJobAndItsChildrenBelongToIt() {
        let job = Probe(7)
        let tasks = [
            Self.task(1, "main"), Self.task(2, CarrierPool.taskName, parent: 1), Self.task(3, "child", parent: 2),
            Self.task(4, "grandchild", parent: 3), Self.task(5, "other", parent: 1),
        ].onBehalf(of: [2: job], at: Self.now)
        #expect(tasks.map(\.name) == ["main", "probe 7", "child", "grandchild", "other"])
        #expect(tasks.map(\.job) == [nil, "7", "7", "7", nil])
        #expect(tasks.map(\.parent) == [nil, nil, "2", "3", "1"])
        #expect(tasks[0].createdAt == Timestamp(microseconds: 998_000_000))
    }

    @Test func carriersThatWaitForWorkAreNobodysCoroutines() {
        let tasks = [Self.task(1, CarrierPool.taskName), Self.task(2, "own")].onBehalf(of: [:], at: Self.now)
        #expect(tasks.map(\.name) == ["own"])
    }
}
