import CorundLoop
import Glibc
import Varlink

/// What a submission of `exec` gives: a program that nobody has configured.
///
/// Pure, but for the search for the program.
struct ExecArguments: Decodable, Equatable {
    /// The program, a path or a name that is looked for in `PATH`, and what it is given.
    let argv: [String]
    let directory: String?
    /// Variables beside the daemon's own, or in their place.
    let environment: [String: String]?
    let stdin: String?

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case argv, directory, environment, stdin
    }

    /// - Throws: ``ArgumentProblem``.
    init(_ arguments: RawJSON) throws(ArgumentProblem) {
        _ = try ArgumentProblem.members(of: arguments, known: CodingKeys.allCases.map(\.rawValue))
        self = try ArgumentProblem.decode(arguments)
        try check()
    }

    private func check() throws(ArgumentProblem) {
        guard argv.first?.isEmpty == false else {
            throw ArgumentProblem(path: "argv", message: "must begin with a program")
        }
        if let index = argv.firstIndex(where: { $0.utf8.contains(0) }) {
            throw ArgumentProblem(path: "argv[\(index)]", message: "must not have a NUL in it")
        }
        if let directory, !directory.hasPrefix("/") || directory.utf8.contains(0) {
            throw ArgumentProblem(path: "directory", message: "must be an absolute path without a NUL in it")
        }
        for (name, value) in (environment ?? [:]).sorted(by: { $0.key < $1.key })
        where !NameRule.variable.allows(name) || value.utf8.contains(0) {
            throw ArgumentProblem(path: "environment.\(name)", message: "must have no NUL, and no = in its name")
        }
    }

    /// The program, with the variables of `inherited` that are not for the daemon alone.
    ///
    /// - Throws: ``JobFailure`` when no program of that name is found.
    func program(inherited: [String: String]) throws(JobFailure) -> Program {
        let own = inherited.filter { !Self.isForTheDaemonAlone($0.key) }
        return Program(
            path: try Self.find(argv[0], in: inherited["PATH"] ?? ""), arguments: argv,
            environment: own.merging(environment ?? [:]) { $1 }, directory: directory ?? "/",
            input: stdin.map { Array($0.utf8) })
    }

    /// What the service manager has told the daemon: to a program that believes it, it would be wrong.
    ///
    /// And how the daemon is to crash, which the units say: a program may want its backtrace.
    private static func isForTheDaemonAlone(_ variable: String) -> Bool {
        let names = [
            "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "MAINPID",
            "INVOCATION_ID", "JOURNAL_STREAM", "SYSTEMD_EXEC_PID", "CREDENTIALS_DIRECTORY", "RUNTIME_DIRECTORY",
            "STATE_DIRECTORY", "CACHE_DIRECTORY", "LOGS_DIRECTORY", "CONFIGURATION_DIRECTORY", "MEMORY_PRESSURE_WATCH",
            "MEMORY_PRESSURE_WRITE", "SWIFT_BACKTRACE",
        ]
        return names.contains(variable)
    }

    /// A path stays as it is, one that is not absolute means what is below the directory; a name is looked for.
    ///
    /// Unlike a shell it takes no entry of `PATH` for the directory that the program is to run in.
    private static func find(_ name: String, in path: String) throws(JobFailure) -> String {
        guard !name.contains("/") else { return name }
        let candidates = path.split(separator: ":").filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }
        if let found = candidates.first(where: isProgram) { return found }
        throw JobFailure(
            kind: "ProgramNotFound", message: "there is no program \(name) in the daemon's PATH, \(path)", status: 127)
    }

    private static func isProgram(_ path: String) -> Bool {
        var status = stat()
        return access(path, X_OK) == 0 && stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
}
