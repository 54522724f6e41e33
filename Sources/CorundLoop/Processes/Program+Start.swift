import CLinux
import Glibc
import SystemPackage

/// A program that was started: its process, and our ends of its pipes.
struct StartedProgram: ~Copyable {
    let child: ChildDescriptor
    let pipes: [OutputPipe]
    /// The most memory that this process had taken by then.
    let parentPeak: Int64
}

extension Program {
    /// Starts the program, as the leader of a process group of its own.
    ///
    /// The calling thread stands still until the kernel has loaded the program, about 0.1 ms.
    ///
    /// - Returns: what is to be watched.
    /// - Throws: ``SystemCallError``: of `posix_spawn` about the program, of `open` about the directory, of another call
    ///   for want of a descriptor or of memory. Then nothing runs.
    func start() throws -> StartedProgram {
        if holdsNUL { throw SystemCallError("posix_spawn", errno: .invalidArgument, subject: path) }
        // In the order that corund_spawn wants.
        let directory = try openDirectory()
        let standardInput = try makeInput()
        let output = try Pipe()
        let error = try Pipe()
        let process = try spawn(
            corund_program(
                path: nil, arguments: nil, environment: nil, directory: directory.number,
                input: Self.number(standardInput),
                output: output.writing.number, error: error.writing.number))
        let parentPeak = corund_peak_memory()
        // The program's own ends are closed with this, which makes room for the descriptor of its process.
        let pipes = [OutputPipe(.output, output.intoReading()), OutputPipe(.error, error.intoReading())]
        Self.raiseOOMScore(of: process)
        return StartedProgram(child: try Self.watch(process), pipes: pipes, parentPeak: parentPeak)
    }

    /// A C string ends at its first NUL: the program would be given less than was meant.
    private var holdsNUL: Bool {
        ([path, directory] + arguments + environment.flatMap { [$0.key, $0.value] }).contains { $0.utf8.contains(0) }
    }

    private func openDirectory() throws(SystemCallError) -> Descriptor {
        // By descriptor: of a chdir that fails inside of posix_spawn one learns no more than of a missing program.
        Descriptor(
            owning: try SystemCallError.check(corund_open_directory(directory), "open", subject: directory))
    }

    /// A file in memory: unlike a pipe it takes all of the input at once, and nobody need be there to write.
    private func makeInput() throws(SystemCallError) -> Descriptor? {
        guard let input else { return nil }
        let file = Descriptor(owning: try SystemCallError.check(corund_memory_file("stdin"), "memfd_create"))
        var written = 0
        while written < input.count {
            let count = input.withUnsafeBytes {
                pwrite(file.number, $0.baseAddress.map { $0 + written }, $0.count - written, off_t(written))
            }
            if count < 0, errno == EINTR { continue }
            try SystemCallError.check(CInt(clamping: count), "write", subject: "the program's input")
            written += count
        }
        return file
    }

    private static func number(_ descriptor: borrowing Descriptor?) -> CInt {
        switch descriptor {
        case .some(let descriptor): descriptor.number
        case nil: -1
        }
    }

    private func spawn(_ plan: corund_program) throws(SystemCallError) -> CInt {
        let path = strdup(path)
        var arguments = arguments.map { strdup($0) } + [nil]
        var variables = environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables + [path] { free(text) } }
        var plan = plan
        var process: pid_t = 0
        let failure = arguments.withUnsafeMutableBufferPointer { arguments in
            variables.withUnsafeMutableBufferPointer { variables in
                plan.path = UnsafePointer(path)
                plan.arguments = UnsafePointer(arguments.baseAddress)
                plan.environment = UnsafePointer(variables.baseAddress)
                return corund_spawn(&plan, &process)
            }
        }
        guard failure == 0 else {
            throw SystemCallError("posix_spawn", errno: Errno(rawValue: failure), subject: self.path)
        }
        return process
    }

    /// Has the kernel's OOM killer choose this process rather than ours, whose end would be that of all jobs.
    ///
    /// It chooses the largest one, which ours is where all programs are small. A process may make another of its user count
    /// for more without any privilege, by thousandths of the memory that there is. That comes after the start, as
    /// posix_spawn(3) knows nothing of it, and is left out where there is no descriptor for it.
    private static func raiseOOMScore(of process: CInt) {
        let file = open("/proc/\(process)/oom_score_adj", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        let score = Array("\(min(ownOOMScore + 500, 1000))".utf8)
        _ = write(file, score, score.count)
        close(file)
    }

    /// What this process counts for beside its size (`OOMScoreAdjust=`).
    private static let ownOOMScore: Int = {
        let file = open("/proc/self/oom_score_adj", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 8)
        let count = max(0, read(file, &text, text.count))
        return Int(String(decoding: text.prefix(count), as: UTF8.self).filter { !$0.isWhitespace }) ?? 0
    }()

    private static func watch(_ process: CInt) throws -> ChildDescriptor {
        do { return try ChildDescriptor(of: process) } catch {
            // Nobody would hear of its end.
            kill(-process, SIGKILL)
            while waitpid(process, nil, 0) < 0, errno == EINTR {}
            throw error
        }
    }
}

/// A pipe for what a program writes.
private struct Pipe: ~Copyable {
    /// Ours; reading from it does not block.
    let reading: Descriptor
    let writing: Descriptor

    init() throws(SystemCallError) {
        var (reading, writing): (CInt, CInt) = (0, 0)
        try SystemCallError.check(corund_output_pipe(&reading, &writing), "pipe2")
        self.reading = Descriptor(owning: reading)
        self.writing = Descriptor(owning: writing)
    }

    /// Closes the end to write to.
    consuming func intoReading() -> Descriptor { reading }
}
