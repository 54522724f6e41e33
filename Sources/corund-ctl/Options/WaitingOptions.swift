import ArgumentParser
import CorundAPI
import CorundCommandLine

/// What commands take that wait for jobs to end.
struct WaitingOptions: ParsableArguments, Sendable {
    @Flag(help: "End with status 69 when the daemon goes, instead of waiting for it to come back.")
    var noReconnect = false

    @Option(
        help: ArgumentHelp("End with status 124 after this span; the jobs go on.", valueName: "span"),
        completion: .none, transform: TimeSpan.argument)
    var timeout: Duration?
}
