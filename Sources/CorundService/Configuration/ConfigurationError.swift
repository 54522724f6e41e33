/// Everything that is wrong with a configuration, all files and all problems together; never empty.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One thing that is wrong, and where.
    public struct Problem: Hashable, Sendable, CustomStringConvertible {
        /// The file, by the path that led to it; empty when it is not a file's problem.
        public let file: String

        /// The line, from 1; `nil` when the file as a whole is meant.
        public let line: Int?

        /// The column, from 1; known for errors of syntax.
        public let column: Int?

        /// The key that is meant, if one is.
        public let key: String?

        /// What is wrong, and what to do about it.
        public let message: String

        /// A problem at a place.
        public init(file: String, line: Int? = nil, column: Int? = nil, key: String? = nil, message: String) {
            self.file = file
            self.line = line
            self.column = column
            self.key = key
            self.message = message
        }

        /// As compilers write it: `corund.toml:12: drain-timout: unknown key; did you mean drain-timeout?`.
        public var description: String {
            let place = ([file] + [line, column].compactMap { $0 }.map(String.init)).joined(separator: ":")
            return [place, key ?? "", message].filter { !$0.isEmpty }.joined(separator: ": ")
        }
    }

    /// What is wrong, in the order of the files and of the lines in each.
    public let problems: [Problem]

    /// An error with at least one problem.
    public init(problems: [Problem]) {
        precondition(!problems.isEmpty, "an error without a problem")
        self.problems = problems
    }

    /// Each problem on a line of its own.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
