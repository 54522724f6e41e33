package import Foundation

/// Why a program could not be started.
package struct CannotStart: Error, CustomStringConvertible {
    package let description: String
}

/// The folder of the programs of this package: that of the one that runs the tests.
package let programsFolder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().path

/// Starts a program, which finds no signal blocked, though they are on the threads that tests run on.
///
/// - Parameters:
///   - command: the program, which is looked for in `PATH` when it has no slash, and its arguments.
///   - environment: all of it; this process's own when absent.
///   - blocking: signals that it finds blocked nevertheless.
///   - defaulting: signals that it does not ignore, whatever this process does.
///   - redirect: says where its input and output go.
/// - Returns: the process's id.
/// - Throws: ``CannotStart``.
package func startProcess(
    _ command: [String], environment: [String: String] = ProcessInfo.processInfo.environment, blocking: [CInt] = [],
    defaulting: [CInt] = [], redirect: (inout posix_spawn_file_actions_t) -> Void
) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    redirect(&actions)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = signalSet(blocking)
    posix_spawnattr_setsigmask(&attributes, &signals)
    signals = signalSet(defaulting)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    let words = command.map { strdup($0) } + [nil]
    let variables = environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { for text in words + variables { free(text) } }
    var process: pid_t = 0
    let failure = posix_spawnp(&process, command[0], &actions, &attributes, words, variables)
    guard failure == 0 else {
        throw CannotStart(description: "cannot run \(command[0]): \(String(cString: strerror(failure)))")
    }
    return process
}

private func signalSet(_ signals: [CInt]) -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in signals { sigaddset(&set, signal) }
    return set
}
