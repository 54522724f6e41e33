import CorundAPI
import CorundCommandLine
import Testing
import Varlink

@Suite("Coroutines")
struct TaskReportTests {
    private func task(_ id: String, parent: String? = nil, _ more: String = "") throws -> TaskInfo {
        let parent = parent.map { #""parent":"\#($0)","# } ?? ""
        return try RawJSON(
            validating: """
                {"id":"\(id)",\(parent)"name":"task \(id)","state":"waiting","created_at":"2026-11-21T03:40:00Z",\
                "created_in":"a.swift:\(id)","loop_time_us":1500,"context":"shared"\(more)}
                """
        ).decode()
    }

    private func report() throws -> TaskReport {
        TaskReport(.plain, now: try #require(Timestamp("2026-11-21T03:41:05Z")))
    }

    @Test("are a table")
    func list() throws {
        let tasks = try [task("1"), task("12", parent: "1", #","job":"7","waiting_for":"sleep\n""#)]
        #expect(
            try report().list(tasks) == [
                "ID  NAME     JOB  STATE      AGE   LOOP  CONTEXT  MADE AT     WAITS FOR",
                " 1  task 1     -  waiting  1m05s  1.5ms  shared   a.swift:1",
                #"12  task 12    7  waiting  1m05s  1.5ms  shared   a.swift:12  sleep\n"#,
            ])
        #expect(try report().list(tasks, terminalWidth: 40).count == 3)
    }

    /// The first words of each line.
    private func tree(_ tasks: [TaskInfo]) throws -> [String] {
        try report().tree(tasks).map { String($0.prefix { $0 != "(" }.dropLast()) }
    }

    @Test("are a tree, each below the one that made it")
    func tree() throws {
        let tasks = try [
            task("1"), task("2", parent: "1"), task("3", parent: "2"), task("4", parent: "1"),
            task("5", parent: "gone"),
        ]
        #expect(
            try tree(tasks) == ["task 1", "├─ task 2", "│  └─ task 3", "└─ task 4", "task 5"])
        #expect(
            try report().tree([task("1", #","job":"7","waiting_for":"sleep""#)]) == [
                "task 1 (1), job 7: waiting for sleep, 1m05s old, held the loop for 1.5ms, made at a.swift:1"
            ])
    }

    @Test("that form a circle, or a very long chain, do no harm")
    func odd() throws {
        #expect(try tree([task("1", parent: "2"), task("2", parent: "1")]) == [])
        let chain = try (1...3000).map { try task("\($0)", parent: $0 > 1 ? "\($0 - 1)" : nil) }
        #expect(try tree(chain).count == 3000)
    }
}
