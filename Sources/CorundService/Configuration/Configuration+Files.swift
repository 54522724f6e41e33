import CorundLoop
import Glibc
import SystemPackage

extension Configuration {
    /// Reads a file and its drop-ins, `conf.d/*.toml` beside it, in the order of their names; what comes later wins.
    ///
    /// - Parameters:
    ///   - file: The path of the main file.
    ///   - isRequired: Whether the main file must exist: `true` for one that was asked for, `false` for the default one,
    ///     without which the defaults hold. Drop-ins are read either way.
    /// - Returns: The defaults, with what the files set.
    /// - Throws: ``ConfigurationError`` with all the problems of all the files.
    public static func load(file: String, isRequired: Bool) throws(ConfigurationError) -> Configuration {
        var reader = ConfigurationReader()
        reader.read(file: file, isRequired: isRequired)
        let directory = dropInDirectory(of: file)
        switch dropIns(in: directory) {
        case .success(let files):
            for file in files { reader.read(file: file, isRequired: true) }
        case .failure(let failure): reader.refuse(file: directory, failure.sentence)
        }
        return try reader.finish()
    }

    /// The file that is read when none is asked for: in the folder that the service manager gives, else `/etc/corund` for
    /// root, else the user's own.
    ///
    /// - Parameters:
    ///   - environment: The process's. An `XDG_CONFIG_HOME` that is empty or not absolute counts as none, as the XDG Base
    ///     Directory Specification wants it.
    ///   - userID: The process's.
    /// - Returns: Its path, whether it is there or not.
    package static func defaultFile(environment: [String: String], userID: UInt32) -> String {
        if let folder = environment["CONFIGURATION_DIRECTORY"]?.split(separator: ":").first {
            return "\(folder)/corund.toml"
        }
        guard userID != 0 else { return "/etc/corund/corund.toml" }
        if let folder = environment["XDG_CONFIG_HOME"], folder.hasPrefix("/") { return "\(folder)/corund/corund.toml" }
        guard let home = environment["HOME"], home.hasPrefix("/") else { return "/etc/corund/corund.toml" }
        return "\(home)/.config/corund/corund.toml"
    }

    /// `conf.d` in the directory of the main file.
    private static func dropInDirectory(of file: String) -> String {
        let name = "conf.d"
        guard let slash = file.lastIndex(of: "/") else { return name }
        return file[...slash] + name
    }

    /// The paths of the drop-ins in the order of their names' bytes, without hidden ones; none when there is no directory.
    private static func dropIns(in directory: String) -> Result<[String], Errno> {
        guard let stream = opendir(directory) else {
            let failure = Errno.ofThisThread
            return failure.isAbsence ? .success([]) : .failure(failure)
        }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        // readdir(3) is safe here: nobody else reads this stream.
        while let entry = readdir(stream) {
            // SAFETY: d_name is a NUL-terminated array within the entry, which lives until the next readdir.
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".toml"), !name.hasPrefix(".") { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { return .failure(.ofThisThread) }
        return .success(names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { "\(directory)/\($0)" })
    }
}

extension ConfigurationReader {
    /// Larger files are refused: no configuration comes near, and the whole of it is held in memory.
    private static let fileSizeLimit = 1_048_576

    /// Reads a file, as ``read(toml:file:)`` does a document.
    ///
    /// - Parameters:
    ///   - file: its path.
    ///   - isRequired: whether it must exist.
    mutating func read(file: String, isRequired: Bool) {
        switch Self.contents(of: file) {
        case .failure(let failure):
            if !failure.isAbsence || isRequired { refuse(file: file, failure.sentence) }
        case .success(let bytes):
            guard let text = String(validating: bytes, as: UTF8.self) else {
                return refuse(file: file, line: Self.lineOfInvalidUTF8(in: bytes), "not UTF-8; TOML must be")
            }
            read(toml: text, file: file)
        }
    }

    private static func contents(of file: String) -> Result<[UInt8], Errno> {
        // Not to wait for a writer when the path is a FIFO that nobody has opened: it then counts as an empty pipe.
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return .failure(.ofThisThread) }
        defer { _ = close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN {
                guard waitForMore(descriptor) else { return .failure(Errno(rawValue: ETIME)) }
                continue
            }
            guard count >= 0 else { return .failure(.ofThisThread) }
            guard count > 0 else { break }
            bytes += chunk.prefix(count)
            guard bytes.count <= fileSizeLimit else { return .failure(.fileTooLarge) }
        }
        // A pipe gives what is in it once: read again, at a reload, it must not pass for a file that sets nothing.
        return bytes.isEmpty && isPipe(descriptor) ? .failure(Errno(rawValue: ENODATA)) : .success(bytes)
    }

    /// Waits for the writer of a pipe, as in `--config <(make-configuration)`; false when that takes too long.
    private static func waitForMore(_ descriptor: CInt) -> Bool {
        let longestMilliseconds: CInt = 10_000
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&watched, 1, longestMilliseconds) != 0
    }

    private static func isPipe(_ descriptor: CInt) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
    }

    private static func lineOfInvalidUTF8(in bytes: [UInt8]) -> Int? {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }.map { $0 + 1 }
    }
}

extension Errno {
    /// Of what could not be read: whether there is none.
    fileprivate var isAbsence: Bool { self == .noSuchFileOrDirectory }

    fileprivate var sentence: String { "cannot be read: \(self) (errno \(rawValue))" }
}
