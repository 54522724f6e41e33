import ArgumentParser
import CorundAPI
import CorundCommandLine
import Varlink

struct CallCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Call any method, and print its replies as JSON.",
        discussion: """
            Each reply's parameters are a line.

            Examples:
              corund-ctl call org.varlink.service.GetInfo
              corund-ctl call io.corund.Jobs.Watch '{"id": "17"}' --more
            """)

    @Argument(help: "The method's full name.")
    var method: String
    @Argument(help: "The parameters: a JSON object, or @FILE, or - for standard input. Absent: {}.")
    var parameters: String?
    @Flag(help: "Ask for more than one reply.")
    var more = false
    @OptionGroup var connection: ConnectionOptions

    func perform(in session: Session) async throws -> ExitStatus {
        let parameters = try parameters.map { try JobWords.read([$0]) ?? .emptyObject } ?? .emptyObject
        let client = try await session.connected()
        if more {
            for try await reply in client.stream(method, parameters: parameters) {
                try session.print([session.line(reply)])
            }
        } else {
            try session.print([session.line(try await client.call(method, parameters: parameters))])
        }
        return .success
    }
}
