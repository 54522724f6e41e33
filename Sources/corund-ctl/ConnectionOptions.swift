import ArgumentParser
import CorundCommandLine
import Glibc

/// What every command takes.
struct ConnectionOptions: ParsableArguments, Sendable {
    @Option(help: ArgumentHelp("The daemon's socket.", valueName: "path"), completion: .file())
    var socket: String?

    @Flag(help: "Print what the daemon answered, as JSON: one value to a line.")
    var json = false

    var socketChoice: SocketChoice {
        SocketChoice(option: socket, environment: Self.environment) { path in
            // Whatever else keeps us from looking is said better by the attempt to connect.
            access(path, F_OK) == 0 || errno != ENOENT
        }
    }

    static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
