/// A program to be run as a process of its own: which, and all that it is given.
package struct Program: Sendable, Equatable {
    /// The file, an absolute path.
    package var path: String
    /// What it finds as its arguments, the first of which is its name.
    package var arguments: [String]
    /// All of its environment.
    package var environment: [String: String]
    /// The directory that it finds itself in.
    package var directory: String
    /// What it reads from its standard input, at whose end it then is; nil: nothing, as from `/dev/null`.
    package var input: [UInt8]?

    /// A program.
    package init(
        path: String, arguments: [String], environment: [String: String] = [:], directory: String = "/",
        input: [UInt8]? = nil
    ) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.input = input
    }
}

/// The two streams that a program writes to, by their names on the wire.
public enum StandardStream: String, Sendable, Hashable, CaseIterable {
    /// Standard output.
    case output = "stdout"
    /// Standard error.
    case error = "stderr"
}
