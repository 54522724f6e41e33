// Prints one JSON object with the figures of the benches that it is called with, or of all.
//     corund-bench [BENCH...]

let benches: [(name: String, run: () throws -> Figures)] = [
    // First, while there is no memory that was given back and can be taken again.
    ("memory", benchMemory), ("run", benchRun), ("create", benchCreate), ("thread", benchThread),
    ("spawn", benchSpawn), ("hop", benchHop),
    ("timers", benchTimers),
    ("few", benchFew), ("cancelled-timers", benchCancelledTimers), ("context", benchContext),
    ("blocking", benchBlocking), ("generator", benchGenerator), ("runtime", benchRuntime),
]

let wanted = CommandLine.arguments.dropFirst()
if let unknown = wanted.first(where: { name in !benches.contains { $0.name == name } }) {
    let known = benches.map(\.name).joined(separator: " ")
    fatalError("there is no bench \"\(unknown)\", but: \(known)")
}
var figures: Figures = []
for bench in benches where wanted.isEmpty || wanted.contains(bench.name) { figures += try bench.run() }
print("{\(figures.map { "\"\($0.name)\": \($0.value)" }.joined(separator: ", "))}")
