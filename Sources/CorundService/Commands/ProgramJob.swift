import CorundLoop
import SystemPackage
import Varlink

/// Runs a program as what a job does.
struct ProgramJob {
    let program: Program
    /// From SIGTERM to SIGKILL.
    var killGrace = CommandSettings().killGrace
    /// Bytes of each stream that the result keeps.
    let outputLimit: Int
    var successStatuses = [0]
    /// Whether what it writes is logged, line by line.
    var logsOutput = false

    /// - Returns: a ``CommandResult``.
    /// - Throws: ``JobFailure`` when the program cannot be started or does not succeed; `CancellationError` when the job was
    ///   cancelled, after the program has ended.
    func run(_ job: JobContext) async throws -> RawJSON {
        guard let loop = EventLoop.running else { throw EventLoopError.wrongThread }
        let kept = Kept(limit: outputLimit)
        let log = logsOutput ? ProgramLog(job.logger) : nil
        defer { log?.finish(at: loop.now) }
        let end: ProgramEnd
        do {
            end = try await loop.run(program, grace: killGrace) { stream, bytes in
                job.write(bytes, to: stream)
                kept.append(bytes, stream)
                log?.append(bytes, stream, at: loop.tickStartedAt)
            }
        } catch let error as SystemCallError {
            throw JobFailure(notStarted: program.path, error)
        }
        let result = CommandResult(end, output: kept.output, error: kept.error)
        job.execution.exitStatus = UInt8(clamping: result.status)
        if let failure = try result.failure(successStatuses: successStatuses) { throw failure }
        return try RawJSON(encoding: result)
    }

    /// Both streams; an object, for the closure that fills it.
    private final class Kept {
        private(set) var output: KeptOutput
        private(set) var error: KeptOutput

        init(limit: Int) {
            output = KeptOutput(limit: limit)
            error = KeptOutput(limit: limit)
        }

        func append(_ bytes: [UInt8], _ stream: StandardStream) {
            switch stream {
            case .output: output.append(bytes)
            case .error: error.append(bytes)
            }
        }
    }
}

extension JobFailure {
    /// The failure of a program that could not be started, with the status that a shell has for it, where it has one.
    init(notStarted program: String, _ error: SystemCallError) {
        let (kind, status): (String, Int?) =
            switch (error.call, error.errno) {
            case (_, .tooManyOpenFiles), (_, .tooManyOpenFilesInSystem), (_, .noMemory),
                (_, .resourceTemporarilyUnavailable):
                ("OutOfResources", nil)
            case ("open", _): ("DirectoryNotUsable", nil)
            case (_, .noSuchFileOrDirectory), (_, .notDirectory): ("ProgramNotFound", 127)
            case (_, .permissionDenied), (_, .execFormatError), (_, .isDirectory): ("ProgramNotExecutable", 126)
            case (_, .argListTooLong): ("ArgumentsTooLong", nil)
            default: ("NotStarted", nil)
            }
        let place = error.call == "open" ? " in \(error.subject)" : ""
        // The kernel says the same of a script whose interpreter is missing.
        let hint = kind == "ProgramNotFound" ? " (the program, or the interpreter that it names)" : ""
        self.init(kind: kind, message: "cannot start \(program)\(place): \(error.errno)\(hint)", status: status)
    }
}
