import CorundLoop
import Logging

/// Passes on to the log what a program writes: an entry for each line, with the job and the stream in its metadata.
///
/// Both streams are at `info`, as those of systemd's services: most of what programs write to standard error is no error.
/// It belongs to the loop.
final class ProgramLog {
    private let job: Logger
    private let output: Logger
    private let error: Logger
    private var outputLines = OutputLines()
    private var errorLines = OutputLines()
    private var allowance = LineAllowance()

    /// - Parameter logger: the job's.
    init(_ logger: Logger) {
        job = logger
        output = Self.logger(logger, of: .output)
        error = Self.logger(logger, of: .error)
    }

    private static func logger(_ job: Logger, of stream: StandardStream) -> Logger {
        var logger = job
        logger[metadataKey: "stream"] = "\(stream.rawValue)"
        return logger
    }

    func append(_ bytes: [UInt8], _ stream: StandardStream, at now: LoopTime) {
        switch stream {
        case .output: outputLines.append(bytes) { log($0, output, now) }
        case .error: errorLines.append(bytes) { log($0, error, now) }
        }
    }

    /// The program has ended: what has no end of a line is a line.
    func finish(at now: LoopTime) {
        outputLines.finish { log($0, output, now) }
        errorLines.finish { log($0, error, now) }
        reportLeftOut()
    }

    private func log(_ line: ArraySlice<UInt8>, _ logger: Logger, _ now: LoopTime) {
        guard allowance.admits(at: now) else { return }
        reportLeftOut()
        logger.info("\(String(decoding: line, as: UTF8.self))")
    }

    private func reportLeftOut() {
        let count = allowance.takeLeftOut()
        guard count > 0 else { return }
        job.info(
            "\(count.counting("line of output is", "lines of output are")) left out here; the job's record has more",
            metadata: ["lost": "\(count)"])
    }
}
