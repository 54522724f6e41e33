import CorundRunner
import Glibc

/// What a test of the runner needs a process of its own for: the main thread, and SIGINT.
///
/// The argument says what it does. It tells on standard output how far it is, a line for each event, and where it waits
/// for the test it reads a line from standard input.
@main
enum RunnerProgram {
    private static let mainThread = pthread_self()

    static var isOnMainThread: Bool { pthread_equal(pthread_self(), mainThread) != 0 }

    static func main() throws {
        _ = isOnMainThread  // The first to ask is the main thread.
        switch CommandLine.arguments[1] {
        case "main-actor": try mainActor()
        case "elsewhere": try elsewhere()
        case "no-descriptors": try withoutDescriptors()
        case "interrupted": try interrupted()
        case "one-shot", "scoped", "plain": cleanUp(CommandLine.arguments[1])
        case "replaced": try replaced()
        case "removed": try removed()
        case "long-close", "long-one-shot", "long-held": try longClose(CommandLine.arguments[1])
        case "deadlock": deadlock()
        case "deaf": try deaf()
        case "default-executor": try defaultExecutor()
        case "default-executor-leftovers": try leftBehindByTheDefaultLoop()
        case "end-of-input": try endOfInput()
        default: try interrupted(CommandLine.arguments[1])
        }
    }

    static func say(_ event: String) {
        let line = event + "\n"
        _ = line.utf8.withContiguousStorageIfAvailable { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }

    /// Waits on the loop, also in a task that is cancelled.
    static func hear() async {
        guard let loop = EventLoop.running else { return }
        await withUnsafeContinuation { continuation in
            try? loop.addReader(STDIN_FILENO) { [unowned loop] in
                var byte: UInt8 = 0
                while read(STDIN_FILENO, &byte, 1) == 1, byte != UInt8(ascii: "\n") {}
                loop.removeReader(STDIN_FILENO)
                continuation.resume()
            }
        }
    }

    static func sleep() async throws {
        try await EventLoop.running?.sleep(for: .seconds(Int64.max))
    }
}
