import ArgumentParser
import CorundAPI
import CorundCommandLine
import CorundLoop
import Glibc
import Varlink

struct ExecCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec",
        abstract: "Run a program of your own, here; exit as it did.",
        discussion: """
            For the daemon of your own user: others refuse it. The program runs as a detached job in this directory, \
            with the daemon's environment and the variables that you name; what it writes to standard output and \
            standard error comes out here as it is written. The exit status is the program's own. When the daemon is \
            started anew, this waits for it. Of output that is read too slowly the daemon keeps 16 MiB, the beginning and \
            the end; that some is missing is said on standard error.

            The first Ctrl-C cancels the job, the second one leaves it to itself (exit status 130).

            Examples:
              corund-ctl exec -- make -j4 all
              corund-ctl exec --detach --env CC=clang --env PATH -- ./build.sh
            """)
    static let interruptsUntilExit = 2

    @Argument(
        help: ArgumentHelp(
            "The program and its arguments, after --; no shell looks at them.", valueName: "program"),
        completion: .file())
    var words: [String]
    @Flag(help: "Print the job's id and leave it to itself.")
    var detach = false
    @Option(
        help: ArgumentHelp(
            "A variable of the program's environment, with the value that it has here when none is given; may be given "
                + "again.", valueName: "name[=value]"),
        transform: Self.variable)
    var env: [Variable] = []
    @Option(
        help: ArgumentHelp("A text file that the program reads as its standard input; - is yours.", valueName: "file"),
        completion: .file())
    var stdin: String?
    @OptionGroup var options: SubmissionOptions
    @OptionGroup var connection: ConnectionOptions

    struct Variable: Sendable {
        let name: String
        let value: String
    }

    @Sendable private static func variable(_ text: String) throws -> Variable {
        if let (name, value) = NamedValue.split(text) { return Variable(name: name, value: value) }
        guard !text.isEmpty, !text.contains("="), let value = getenv(text) else {
            throw ValidationError("there is no variable of that name here; write name=value")
        }
        guard let value = String(validatingCString: value) else {
            throw ValidationError("its value here is no text in UTF-8, and nothing else can be sent")
        }
        return Variable(name: text, value: value)
    }

    func perform(in session: Session) async throws -> ExitStatus {
        let arguments = try RawJSON(encoding: arguments())
        let submission = options.submission(of: "exec", arguments)
        let reply = try await session.ask(.jobs("Submit"), SubmitParameters(submission: submission))
        let id = try reply.decode(SubmitResult.self).id
        if detach || session.isJSON { try session.print([session.isJSON ? session.line(reply) : id]) }
        return detach ? .success : try await follow(id, in: session)
    }

    /// The arguments of the kind `exec`.
    private struct Arguments: Encodable {
        let argv: [String]
        let directory: String
        let environment: [String: String]?
        let stdin: String?
    }

    private func arguments() throws -> Arguments {
        guard let directory = getcwd(nil, 0) else { throw SystemCallError("getcwd") }
        defer { free(directory) }
        guard let path = String(validatingCString: directory) else {
            throw ArgumentsError.notText(source: "the name of this directory")
        }
        let environment = env.isEmpty ? nil : Dictionary(env.map { ($0.name, $0.value) }) { _, last in last }
        return Arguments(
            argv: words, directory: path, environment: environment,
            stdin: try stdin.map { try InputFile.text($0) })
    }

    private func follow(_ id: String, in session: Session) async throws -> ExitStatus {
        let link = try await session.reconnecting()
        if Signals.isTaken(SIGINT) {
            // One that came before the job had its id was counted, and is handled now.
            try session.loop.addSignalHandler(SIGINT) { try cancel(id, in: session) }
        }
        let (status, failure) = try await link.follow(id, from: nil, in: session) { event, reply in
            if session.isJSON {
                try session.print([session.line(reply)])
            } else if let output = event.output {
                try session.pass(output)
            }
        }
        if let end = Self.words(for: status, failure) { session.tell("job \(id.printable) \(end)") }
        return status
    }

    /// What is to be said of an end that is not the program's own.
    private static func words(for status: ExitStatus, _ failure: Failure?) -> String? {
        if let failure { return failure.kind == "Exited" ? nil : "failed: \(JobReport.failure(failure))" }
        switch status {
        case .cancelled: return "was cancelled"
        case .timedOut: return "did not end in its time"
        case .interrupted: return "was interrupted by the daemon's end"
        default: return nil
        }
    }

    /// On a connection of its own: the answer would have to wait for the end of the watching on the other.
    private func cancel(_ id: String, in session: Session) throws {
        session.tell("cancelling job \(id.printable); Ctrl-C again leaves it to itself")
        let path = try session.socketPath
        try session.loop.spawn(name: "cancel") {
            do {
                let client = try await Client.connect(to: path)
                defer { client.close() }
                _ = try await client.cancel(id, reason: "interrupted at the terminal")
            } catch is CancellationError {
                // The job has ended, and with it this command: nobody waits for the answer any more.
            } catch {
                explain(error)
            }
        }
    }
}
