import CorundAPI
import CorundCommandLine
import CorundLoop
import Varlink

/// A command at work: its connection to the daemon, made when it is first needed, and its output.
///
/// It belongs to the loop that the command runs on.
final class Session {
    private let options: ConnectionOptions
    private let isQuiet: Bool
    private var client: Client?

    let output = OutputFile.standardOutput
    let style: Style

    init(_ options: ConnectionOptions, isQuiet: Bool) {
        self.options = options
        self.isQuiet = isQuiet
        style = Style(isTerminal: output.isTerminal, environment: ConnectionOptions.environment)
    }

    var isJSON: Bool { options.json }

    var socketPath: String {
        get throws { try options.socketChoice.chosen }
    }

    /// The connection to the daemon.
    func connected() async throws -> Client {
        if let client { return client }
        let client = try await Client.connect(to: try socketPath)
        self.client = client
        return client
    }

    /// Hangs up; to be called on the loop, before it is closed.
    func close() {
        client?.close()
    }

    // MARK: Asking

    /// Calls a method and gives the parameters of its reply as they came.
    func ask(_ method: Method, _ parameters: some Encodable = NoParameters()) async throws -> RawJSON {
        try await connected().call(method.name, parameters: RawJSON(encoding: parameters))
    }

    /// Calls a method that answers more than once.
    func stream(_ method: Method, _ parameters: some Encodable) async throws -> Client.Replies<RawJSON> {
        try await connected().stream(method.name, parameters: RawJSON(encoding: parameters))
    }

    // MARK: Telling

    /// Prints a reply as it came, or in words, as the user wants it.
    func show<Reply: Decodable>(
        _ reply: RawJSON, as type: Reply.Type = Reply.self, inWords words: (Reply) throws -> [String]
    ) throws {
        try print(isJSON ? [reply.onOneLine] : words(try reply.decode()))
    }

    func print(_ lines: [String]) throws {
        guard !isQuiet else { return }
        try output.print(lines)
    }
}

/// A method by its interface and its name there.
struct Method {
    let name: String

    static func jobs(_ method: String) -> Method { Method(name: "\(InterfaceName.jobs).\(method)") }
    static func service(_ method: String) -> Method { Method(name: "\(InterfaceName.service).\(method)") }
}
