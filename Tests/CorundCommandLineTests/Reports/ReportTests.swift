import CorundAPI
import CorundCommandLine
import Testing
import Varlink

@Suite("Reports")
struct ReportTests {
    private func decoded<Value: Decodable>(_ json: String) throws -> Value {
        try RawJSON(validating: json).decode()
    }

    private func job(_ more: String = "") throws -> Job {
        try decoded(
            """
            {"id":"17","job":"echo","state":"running","attempt":1,"max_attempts":3,"context":"shared","group":"default",\
            "priority":0,"labels":{"b":"2","a":"1"},"owner_uid":1000,"submitted_at":"2026-11-21T03:40:00Z",\
            "started_at":"2026-11-21T03:40:01Z"\(more)}
            """)
    }

    private func report() throws -> JobReport {
        JobReport(.plain, now: try #require(Timestamp("2026-11-21T03:41:05Z")))
    }

    @Test("a job in a list is a row")
    func row() throws {
        let row = try report().row(job(#","progress":0.4,"progress_note":"half way""#))
        #expect(
            Table.lines(JobReport.columns, [row], .plain)[1]
                == "17  echo  running  1m05s  1m04s  1/3      default  40% half way")
    }

    @Test("a note is why a job failed, or when it will run")
    func notes() throws {
        func row(_ state: JobState, _ more: String) throws -> String {
            var job = try job(more)
            job.state = state
            return try Table.lines(JobReport.columns, [report().row(job)], .plain)[1]
        }
        #expect(try row(.scheduled, #","not_before":"2026-11-21T03:42:05Z""#).hasSuffix("  default  in 1m00s"))
        #expect(try row(.queued, #","not_before":"2026-11-21T03:40:05Z""#).hasSuffix("  default"))
        let failure = #","failure":{"kind":"K","message":"two\nlines","attempt":1}"#
        #expect(try row(.failed, failure).hasSuffix(#"  default  two\nlines"#))
    }

    @Test("attempts without limit have a sign for it")
    func unlimited() throws {
        var job = try job()
        job.maxAttempts = 0
        #expect(try report().details(job).contains("attempt       1 of ∞"))
    }

    @Test("a job in full has its earlier attempts, one to a line")
    func attempts() throws {
        let lines = try report().details(
            job(
                #","after":["3","4"],"attempts":[{"attempt":1,"state":"failed","started_at":"2026-11-21T03:40:00Z","#
                    + #""finished_at":"2026-11-21T03:40:02Z","failure":{"kind":"K","message":"no","attempt":1,"status":3}}]"#
            ))
        #expect(lines.contains("after         3, 4"))
        #expect(
            lines.suffix(2) == ["", "  attempt 1 failed 2026-11-21T03:40:00.000000Z for 2s no (K, status 3)"])
    }

    @Test("a job in full is names and values, without those it does not have")
    func details() throws {
        #expect(
            try report().details(job(#","progress":1.5,"arguments":{"x": [1, 2]}"#)) == [
                "id            17",
                "job           echo",
                "state         running",
                "attempt       1 of 3",
                "progress      100%",
                #"arguments     {"x":[1,2]}"#,
                "group         default",
                "context       shared",
                "priority      0",
                "labels        a=1, b=2",
                "owner         uid 1000",
                "submitted     2026-11-21T03:40:00.000000Z (1m05s ago)",
                "started       2026-11-21T03:40:01.000000Z (1m04s ago)",
                "running time  1m04s",
            ])
    }

    @Test("an outcome is the id, the state, and the result or what went wrong")
    func outcome() throws {
        var job = try job(#","result":{"a": 1}"#)
        job.state = .succeeded
        #expect(try report().outcome(job) == #"17 succeeded {"a":1}"#)
        job.result = nil
        #expect(try report().outcome(job) == "17 succeeded")
        job.state = .failed
        job.failure = Failure(kind: "Oops", message: "two\nlines", attempt: 2)
        #expect(try report().outcome(job) == #"17 failed two\nlines (Oops)"#)
    }

    private static let events: [(String, [String])] = [
        (#""state":"running""#, ["running"]),
        (#""progress":{"fraction":0.256,"note":"reading"}"#, ["25% reading"]),
        (#""progress":{"fraction":1}"#, ["100%"]),
        (#""message":{"level":"info","text":"hello\u001b[2J"}"#, [#"info: hello\u{1B}[2J"#]),
        (#""output":{"stream":"stdout","base64":"b25lCnR3bwo="}"#, ["stdout: one", "stdout: two"]),
        (#""output":{"stream":"stderr","base64":"YQ=="}"#, ["stderr: a"]),
        (#""output":{"stream":"stderr","base64":"/+8="}"#, ["stderr: \u{FFFD}\u{FFFD}"]),
        (#""output":{"stream":"stdout","base64":"not base64"}"#, ["stdout: not base64"]),
        (#""something":1"#, ["(an event that this command does not know)"]),
    ]

    @Test("an event is a line with its time, and program output a line for each of its own", arguments: events)
    func event(member: String, texts: [String]) throws {
        let event: Event = try decoded(#"{"id":"17","sequence":1,"at":"2026-11-21T03:40:00.5Z",\#(member)}"#)
        #expect(EventReport(.plain).lines(event) == texts.map { "2026-11-21T03:40:00.500000Z \($0)" })
    }

    private static let healths: [(String, String)] = [
        (#""live":true,"ready":true,"reasons":[]"#, "ready"),
        (#""live":true,"ready":false,"reasons":["draining","queue full"]"#, "live, not ready: draining; queue full"),
        (#""live":false,"ready":false,"reasons":["wedged"]"#, "not live: wedged"),
        (#""live":true,"ready":true,"reasons":["job 7 is stuck"]"#, "ready: job 7 is stuck"),
    ]

    @Test("health is a line", arguments: healths)
    func health(members: String, text: String) throws {
        #expect(ServiceReport(.plain).line(try decoded("{\(members),\"last_tick_age_us\":1}")) == text)
    }

    @Test("kinds and contexts are tables")
    func tables() throws {
        let kinds: [Kind] = try decoded(
            #"[{"name":"echo","summary":"Gives back","durable":true,"group":"default","max_attempts":1},"#
                + #"{"name":"sleep","summary":"Waits","durable":false,"group":"g","timeout_ms":90000,"max_attempts":3}]"#
        )
        #expect(
            ServiceReport(.plain).lines(kinds) == [
                "KIND   DURABLE  GROUP    TIMEOUT  ATTEMPTS  SUMMARY",
                "echo   yes      default        -         1  Gives back",
                "sleep  no       g          1m30s         3  Waits",
            ])
        let contexts: [ContextInfo] = try decoded(#"[{"name":"shared","jobs":2,"variables":{"b":"2","a":"1"}}]"#)
        #expect(ServiceReport(.plain).lines(contexts) == ["CONTEXT  JOBS  VARIABLES", "shared      2  a=1, b=2"])
    }

    @Test("statistics tell jobs in the order of their lives, times, and groups")
    func statistics() throws {
        let times = #"{"count":2,"min_us":1,"p50_us":20,"p90_us":300,"p99_us":4000,"max_us":50000}"#
        let none = #"{"count":0,"min_us":0,"p50_us":0,"p90_us":0,"p99_us":0,"max_us":0}"#
        var statistics: Statistics = try decoded(
            """
            {"version":"1.2.3","started_at":"2026-11-21T03:40:00Z","uptime_ms":65000,"debug":true,"draining":false,\
            "jobs":{"failed":1,"odd":9,"succeeded":5},"groups":[{"name":"default","running":1,"queued":2,"paused":false}],\
            "ticks":7,"loop_lag":\(times),"submit_to_start":\(none),"run_time":\(times),"tasks":3,"timers":4,\
            "connections":5,"pool_threads":6,"pool_busy":1,"pool_queued":0,"resident_bytes":12900000}
            """)
        #expect(
            ServiceReport(.plain).lines(statistics) == [
                "version  1.2.3",
                "up       1m05s, since 2026-11-21T03:40:00.000000Z",
                "mode     debug",
                "jobs     so far: 5 succeeded, 1 failed, 9 odd",
                "ticks    7",
                "alive    3 tasks, 4 timers, 5 connections",
                "pool     6 threads, 1 busy, 0 closures queued",
                "memory   12.3 MiB",
                "",
                "TIMES            COUNT  MIN   P50    P90  P99   MAX",
                "loop lag             2  1us  20us  300us  4ms  50ms",
                "submit to start      0    -     -      -    -     -",
                "run time             2  1us  20us  300us  4ms  50ms",
                "",
                "GROUP    RUNNING  QUEUED  LIMIT  PAUSED",
                "default        1       2      -  no",
            ])
        statistics.paused = true
        #expect(ServiceReport(.plain).lines(statistics).contains("mode     everything is paused, debug"))
        statistics.otherGroups = 17
        #expect(
            ServiceReport(.plain).lines(statistics).suffix(2) == [
                "default        1       2      -  no", "and 17 more groups",
            ])
        (statistics.groups, statistics.otherGroups) = ([], 1)
        #expect(ServiceReport(.plain).lines(statistics).suffix(2) == ["", "and 1 more group"])
    }
}
