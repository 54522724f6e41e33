import Testing

/// What a command looks at before it does anything.
@Suite("The start of a command", .timeLimit(.minutes(1)))
struct StartOfCommandTests {
    private static let closed: [(String, Int32, String)] = [
        (">&-", 74, "corund-ctl: cannot write the output: Bad file descriptor\n"),
        ("<&- >&-", 74, "corund-ctl: cannot write the output: Bad file descriptor\n"),
        ("<&- >&- 2>&-", 74, ""),
        ("<&- 2>&-", 0, ""),
    ]

    @Test("output that is closed is missed, and nothing else is written to in its place", arguments: closed)
    func closedDescriptors(redirections: String, status: Int32, errors: String) async throws {
        try await withDaemon(["Run": [.reply(#"{"result":1}"#)]]) { daemon async throws in
            let shell = #"exec "$0" "$@" \#(redirections)"#
            let outcome = try await corundControl("run", "x", daemon: daemon, shell: shell)
            #expect(outcome == .init(status: status, output: status == 0 ? "1\n" : "", errors: errors))
        }
    }

    @Test("standard input that is closed cannot be read")
    func closedInput() async throws {
        try await withDaemon([:]) { daemon async throws in
            let outcome = try await corundControl("run", "x", "-", daemon: daemon, shell: #"exec "$0" "$@" <&-"#)
            #expect(outcome.status == 65)
            #expect(outcome.errors == "corund-ctl: cannot read standard input: Bad file descriptor\n")
        }
    }

    @Test("a word that is not UTF-8 is refused, rather than sent as another one")
    func wordThatIsNoText() async throws {
        try await withDaemon(["Submit": [.reply(#"{"id":"17","created":true}"#)]]) { daemon async throws in
            let shell = #"exec "$0" submit x "file=$(printf 'caf\351')""#
            let outcome = try await corundControl(daemon: daemon, shell: shell)
            #expect(outcome.status == 64)
            #expect(outcome.errors.contains("file=caf\u{FFFD} on the command line is no text in UTF-8"))
            #expect(daemon.received.isEmpty)
        }
    }

    @Test("a socket without a name is a mistake on the command line")
    func emptySocket() async throws {
        let outcome = try await CommandProcess(["health", "--socket", ""]).end()
        #expect(outcome.status == 64)
        #expect(outcome.errors.hasPrefix("Error: --socket is empty"))
    }
}
