// One coroutine that awaits several, which run at the same time: by async let when they are known beforehand, by tasks of
// the loop when they are not. In virtual time, so that nobody waits for breakfast.
//
//     swift run --package-path Examples gather
//
// Prints:
//
//     the toast is ready after 120.0 seconds
//     the tea is ready after 180.0 seconds
//     breakfast: tea and toast
//     the boiled egg is ready after 480.0 seconds
//     the fried egg is ready after 480.0 seconds
//     eggs: boiled egg, fried egg

import CorundRunner

let runner = Runner(loopFactory: { .virtual() })
let loop = try runner.loop
let start = loop.now

func prepare(_ food: String, minutes: Int) async throws -> String {
    try await loop.sleep(for: .seconds(60 * minutes))
    print("the \(food) is ready after \(loop.now.duration(since: start))")
    return food
}

func breakfast() async throws {
    async let tea = prepare("tea", minutes: 3)
    async let toast = prepare("toast", minutes: 2)
    print("breakfast: \(try await tea) and \(try await toast)")
}

func eggs(_ kinds: [String]) async throws {
    let tasks = try kinds.map { kind in try loop.spawn { try await prepare("\(kind) egg", minutes: 5) } }
    var ready: [String] = []
    for task in tasks { ready.append(try await task.value) }
    print("eggs: \(ready.joined(separator: ", "))")
}

try runner.run { try await breakfast() }
try runner.run { try await eggs(["boiled", "fried"]) }
try runner.close()
