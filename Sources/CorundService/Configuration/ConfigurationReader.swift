import TOMLKit

/// Reads documents, one after another, into a configuration; what comes later wins, key by key.
///
/// It gathers all that is wrong with them, and says where.
struct ConfigurationReader {
    private var configuration = Configuration()
    private var documents: [Document] = []
    private var problems: [Located] = []
    private let accounts: AccountDirectory

    /// A reader of no documents, which looks users and groups up in `accounts`.
    init(accounts: AccountDirectory = .system) {
        self.accounts = accounts
    }

    private struct Document {
        let file: String
        /// nil for one that could not be read.
        let entries: [TOMLLocator.Entry]?

        var wasRefused: Bool { entries == nil }
    }

    /// A problem with what it is sorted by, and the key it is about.
    private struct Located {
        let document: Int
        let path: [String]
        let problem: ConfigurationError.Problem
    }

    /// Says that a file, or a place in it, cannot be read.
    mutating func refuse(file: String, line: Int? = nil, column: Int? = nil, _ message: String) {
        documents.append(Document(file: file, entries: nil))
        let problem = ConfigurationError.Problem(file: file, line: line, column: column, message: message)
        problems.append(Located(document: documents.count - 1, path: [], problem: problem))
    }

    /// Reads a document.
    ///
    /// - Parameters:
    ///   - toml: its text.
    ///   - file: what problems name as its file.
    mutating func read(toml: String, file: String) {
        // TOMLKit hands C strings about, which a NUL would end: the rest of the text, or of the value, would go unread.
        if let line = Self.lineOfNUL(in: toml) { return refuse(file: file, line: line, Self.sayingNUL) }
        if let fault = TOMLLocator.deadlyFault(in: toml) { return refuse(file: file, line: fault.line, fault.message) }
        do {
            let table = try TOMLTable(string: toml)
            if let line = TOMLLocator.lineOfNUL(in: toml) { return refuse(file: file, line: line, Self.sayingNUL) }
            documents.append(Document(file: file, entries: TOMLLocator.entries(of: toml)))
            for finding in configuration.apply(table) { add(finding, in: documents.count - 1) }
        } catch let error as TOMLParseError {
            refuse(file: file, line: error.source.begin.line, column: error.source.begin.column, error.description)
        } catch {
            refuse(file: file, "\(error)")
        }
    }

    /// Checks what only all of the documents together can be checked for.
    ///
    /// - Returns: the configuration.
    /// - Throws: all that is wrong, in the order of the documents and of their lines.
    consuming func finish() throws(ConfigurationError) -> Configuration {
        // What is missing because its document was refused is no news.
        if !documents.contains(where: \.wasRefused) { checkCommands() }
        checkAccess()
        guard problems.isEmpty else { throw ConfigurationError(problems: sortedProblems()) }
        return configuration
    }

    private mutating func checkCommands() {
        for (name, command) in configuration.commands.sorted(by: { $0.key < $1.key }) {
            let path = ["commands", name]
            guard !problems.contains(where: { $0.path.starts(with: path) }) else { continue }
            for finding in command.check().map({ $0.below(path) }) {
                add(finding, in: lastDocument(with: finding.path))
            }
        }
    }

    private mutating func checkAccess() {
        for finding in configuration.access.resolve(accounts).findings.map({ $0.below(["access"]) }) {
            add(finding, in: lastDocument(with: finding.path))
        }
    }

    private mutating func add(_ finding: ConfigurationFinding, in document: Int) {
        let problem = ConfigurationError.Problem(
            file: documents[document].file, line: documents[document].entries?.line(of: finding.path),
            key: finding.path.map(TOMLText.key).joined(separator: "."), message: finding.message)
        problems.append(Located(document: document, path: finding.path, problem: problem))
    }

    /// Where a key was set last; for one that was not, its table.
    private func lastDocument(with path: [String]) -> Int {
        let depths = documents.map { $0.entries?.map { $0.sharedDepth(with: path) }.max() ?? 0 }
        return depths.indices.max { (depths[$0], $0) < (depths[$1], $1) } ?? 0
    }

    private func sortedProblems() -> [ConfigurationError.Problem] {
        problems.sorted { left, right in
            (left.document, left.problem.line ?? 0, left.problem.key ?? "")
                < (right.document, right.problem.line ?? 0, right.problem.key ?? "")
        }.map(\.problem)
    }

    private static let sayingNUL = "a NUL byte; remove it"

    private static func lineOfNUL(in text: String) -> Int? {
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return lines.firstIndex { $0.contains(0) }.map { $0 + 1 }
    }
}

extension TOMLLocator.Entry {
    /// How many parts of the two paths are the same, from the root on.
    fileprivate func sharedDepth(with other: [String]) -> Int {
        zip(path, other).prefix { $0 == $1 }.count
    }
}

extension [TOMLLocator.Entry] {
    /// The line of a key, or of what it stands in.
    fileprivate func line(of path: [String]) -> Int? {
        let deepest = map { $0.sharedDepth(with: path) }.max() ?? 0
        return deepest == 0 ? nil : first { $0.sharedDepth(with: path) == deepest }?.line
    }
}
