import ArgumentParser
import CorundAPI
import CorundCommandLine

/// The command without a subcommand: what they all are listed under.
struct CorundControl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "corund-ctl",
        abstract: "Submit jobs to a corund daemon, and look after it.",
        discussion: """
            The daemon's socket is --socket, else $CORUND_SOCKET, else $XDG_RUNTIME_DIR/corund/corund.sock if there \
            is one, else \(SocketChoice.systemPath).

            Exit status: 0 succeeded; 1 the job failed (the program's own status, where the job is one); 64 usage; \
            65 invalid arguments; 66 no such job, kind or group; 69 daemon not reachable; 75 try again (draining, \
            queue full, storage not available); 77 not permitted; 124 timed out; 130 cancelled; 143 interrupted by the \
            daemon's end. Besides: 71 a system call failed; 74 the output cannot be written; 76 the daemon's answer \
            cannot be understood; 141 nobody reads the output.
            """,
        version: CorundVersion.current,
        groupedSubcommands: [
            CommandGroup(
                name: "Job",
                subcommands: [
                    RunCommand.self, SubmitCommand.self, ExecCommand.self, WaitCommand.self, WatchCommand.self,
                    GetCommand.self, ListCommand.self, CancelCommand.self, RetryCommand.self, RemoveCommand.self,
                    KindsCommand.self,
                ]),
            CommandGroup(
                name: "Daemon",
                subcommands: [
                    HealthCommand.self, StatsCommand.self, MetricsCommand.self, PsCommand.self, PstreeCommand.self,
                    ContextsCommand.self, PauseCommand.self, ResumeCommand.self, ReloadCommand.self,
                    DrainCommand.self, DebugCommand.self, CallCommand.self,
                ]),
        ])

    /// A script that lost its subcommand must not take the help for a success.
    func run() throws {
        OutputFile.standardError.complain("name a command; `corund-ctl --help` lists them")
        throw ExitCode(ExitStatus.usage.rawValue)
    }
}
