import CorundAPI
import CorundCommandLine
import CorundLoop
import Glibc
import Varlink

/// A command at work: its connection to the daemon, made when it is first needed, and its output.
///
/// It belongs to the loop that the command runs on.
final class Session {
    private let options: ConnectionOptions
    private let isQuiet: Bool
    private var client: Client?
    private var link: ReconnectingClient?

    let loop: EventLoop
    let output = OutputFile.standardOutput
    let style: Style
    /// Progress, for somebody who looks on; nil when nobody does.
    let live: LiveLine?

    init(_ options: ConnectionOptions, isQuiet: Bool) throws {
        guard let loop = EventLoop.running else { throw EventLoopError.wrongThread }
        self.loop = loop
        self.options = options
        self.isQuiet = isQuiet
        let environment = ConnectionOptions.environment
        style = Style(isTerminal: output.isTerminal, environment: environment)
        live = isQuiet || options.json ? nil : LiveLine(on: .standardError, environment: environment)
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

    /// The connection for what goes on over restarts of the daemon.
    func reconnecting(_ isPersistent: Bool = true) async throws -> ReconnectingClient {
        if let link { return link }
        let link = try await ReconnectingClient.connect(to: try socketPath)
        link.isPersistent = isPersistent
        link.onLoss = { [weak self] error in self?.tell(Complaint.waiting(after: error)) }
        self.link = link
        return link
    }

    /// Hangs up; to be called on the loop, before it is closed.
    func close() {
        live?.clear()
        client?.close()
        link?.close()
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
        try print(isJSON ? [line(reply)] : words(try reply.decode()))
    }

    /// A reply as it came, on one line.
    func line(_ reply: RawJSON) -> String { output.line(reply.onOneLine) }

    func print(_ lines: [String]) throws {
        guard !isQuiet else { return }
        live?.clear()
        try output.print(lines)
    }

    /// Ends the process as soon as nobody reads its output any more, as the next write would, for which it may take long
    /// until there is something to say: `… | grep -m 1 done`.
    func endWithReader() throws {
        guard output.isPipe else { return }
        try loop.addReader(output.descriptor) { [live] in
            live?.clear()
            raise(SIGPIPE)
            exit(ExitStatus.brokenPipe.rawValue)
        }
    }

    /// Writes what a program wrote to the stream that it wrote it to.
    func pass(_ output: Event.Output) throws {
        guard let bytes = output.bytes else { throw ClientError.violation("output that is no base64") }
        guard !isQuiet else { return }
        live?.clear()
        try (output.stream == "stderr" ? OutputFile.standardError : self.output).write(bytes)
    }

    /// Says something about the command itself, on standard error.
    func tell(_ text: String) {
        guard !isQuiet else { return }
        live?.clear()
        OutputFile.standardError.complain(text)
    }
}

/// A method by its interface and its name there.
struct Method {
    let name: String

    static func jobs(_ method: String) -> Method { Method(name: "\(InterfaceName.jobs).\(method)") }
    static func service(_ method: String) -> Method { Method(name: "\(InterfaceName.service).\(method)") }
}
