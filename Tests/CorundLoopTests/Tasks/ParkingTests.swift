import TestSupport
import Testing

@testable import CorundLoop

struct ParkingTests {
    @Test func aTaskStaysUntilItIsLetGo() throws {
        try withVirtualLoop { loop, _ in
            let place = ParkingPlace(on: loop)
            let order = Log<String>()
            let task = try loop.spawn {
                await place.wait()
                #expect(EventLoop.running === loop)
                order.append("gone")
            }
            try loop.complete {
                for _ in 0..<3 { await EventLoop.yield() }
                #expect(place.leave())
                order.append("let go")
                try await task.value
            }
            #expect(order.entries == ["let go", "gone"])
        }
    }

    @Test func itWaitsThereAgain() throws {
        try withVirtualLoop { loop, _ in
            let place = ParkingPlace(on: loop)
            let task = try loop.spawn { for _ in 0..<3 { await place.wait() } }
            try loop.complete {
                for _ in 0..<3 {
                    await EventLoop.yield()
                    #expect(place.leave())
                }
                try await task.value
                #expect(!place.leave())
            }
        }
    }

    @Test func whereNobodyWaitsNobodyIsLetGo() throws {
        try withVirtualLoop { loop, _ in
            let place = ParkingPlace(on: loop)
            #expect(!place.leave())
            let task = try loop.spawn { await place.wait() }
            try loop.complete {
                await EventLoop.yield()
                #expect(place.leave() && !place.leave())
                try await task.value
            }
        }
    }

    @Test func aCancelledTaskWaitsAllTheSame() throws {
        try withVirtualLoop { loop, _ in
            let place = ParkingPlace(on: loop)
            let task = try loop.spawn {
                await place.wait()
                return Task.isCancelled
            }
            try loop.complete {
                task.cancel()
                await EventLoop.yield()
                #expect(place.leave())
                let isCancelled = try await task.value
                #expect(isCancelled)
            }
        }
    }

    @Test func onesOwnIsThatOfOneTask() throws {
        try withVirtualLoop { loop, _ in
            let places = (0..<2).map { _ in ParkingPlace(on: loop) }
            let order = Log<Int>()
            let tasks = try (0..<2).map { number in
                try loop.spawn {
                    await places[number].wait()
                    order.append(number)
                }
            }
            try loop.complete {
                await EventLoop.yield()
                for number in [1, 0] {
                    places[number].leave()
                    try await tasks[number].value
                }
            }
            #expect(order.entries == [1, 0])
        }
    }

    @Test func aTaskThatIsParkedWaits_R73() throws {
        try withVirtualLoop { loop, _ in
            let place = ParkingPlace(on: loop)
            let task = try loop.spawn(name: "parked") { await place.wait() }
            try loop.complete {
                let parked = { loop.allTasks().first { $0.name == "parked" }?.state }
                #expect(parked() == .waiting)
                place.leave()
                #expect(parked() == .ready)
                try await task.value
            }
        }
    }
}
