import ArgumentParser
import CorundCommandLine
import Varlink

/// A job and its arguments on the command line.
struct JobWords: ParsableArguments, Sendable {
    @Argument(help: .kind, completion: .kinds)
    var job: String

    @Argument(help: .jobArguments, completion: .file())
    var arguments: [String] = []

    /// The arguments, read from where they are; nil for none.
    func json() throws -> RawJSON? {
        try Self.read(arguments)
    }

    static func read(_ words: [String]) throws -> RawJSON? {
        switch try JobArguments(words) {
        case .none: nil
        case .json(let value): value
        case .file(let path): try InputFile.json(atPath: path)
        case .standardInput: try InputFile.standardInputJSON()
        }
    }
}

extension ArgumentHelp {
    static let kind: ArgumentHelp = "The kind of job; `corund-ctl kinds` lists them."
    static let jobArguments: ArgumentHelp = .init(
        "The job's arguments.",
        discussion: """
            One JSON text, such as '{"seconds": 2}'; or name=value pairs, which make an object; or @FILE, a file \
            with a JSON text; or -, the same from standard input. The value of a pair is JSON where it can be read \
            as JSON, else a string: count=3 is a number, id=007 and name=Ada are strings, and so is id='"3"'. The \
            value of name:=value must be JSON. Before arguments that begin with -, write --.
            """)
    static let context: ArgumentHelp = .init(
        "The context that the job shares with others that name it; `isolated` for a fresh copy.", valueName: "name")
    static let timeout: ArgumentHelp = .init(
        "How long the job may run, such as 500ms, 10s, 2min or 1h.", valueName: "span")
}
