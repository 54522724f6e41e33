import ArgumentParser
import CorundAPI
import Glibc

/// What every command takes.
struct ConnectionOptions: ParsableArguments, Sendable {
    @Option(help: ArgumentHelp("The daemon's socket.", valueName: "path"), completion: .file())
    var socket: String?

    @Flag(help: "Print what the daemon answered, as JSON: one value to a line.")
    var json = false

    func validate() throws {
        if socket?.isEmpty == true { throw ValidationError("--socket is empty; name the daemon's socket") }
    }

    var socketChoice: SocketChoice { .ofThisProcess(option: socket) }

    static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
