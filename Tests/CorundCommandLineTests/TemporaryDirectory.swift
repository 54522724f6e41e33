import Glibc

/// A directory that is there for one test.
///
/// Its path is short, for the sake of sockets in it.
struct TemporaryDirectory {
    private let root: String

    static func with<Result>(_ body: (TemporaryDirectory) throws -> Result) throws -> Result {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        return try body(directory)
    }

    init() throws {
        var template = Array("/tmp/corund-ctl-XXXXXX\0".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(number: errno) }
        root = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    struct Failure: Error {
        let number: CInt
    }

    func path(_ name: String) -> String { "\(root)/\(name)" }

    func write(_ text: String, to name: String) throws {
        guard let file = fopen(path(name), "w") else { throw Failure(number: errno) }
        fputs(text, file)
        fclose(file)
    }

    func read(_ name: String) throws -> String {
        guard let file = fopen(path(name), "r") else { throw Failure(number: errno) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while case let byte = getc(file), byte != EOF { bytes.append(UInt8(byte)) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The names of what is in it.
    func names() throws -> [String] {
        guard let entries = opendir(root) else { throw Failure(number: errno) }
        defer { closedir(entries) }
        var names: [String] = []
        while let entry = readdir(entries) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    func remove() {
        for name in (try? names()) ?? [] { unlink(path(name)) }
        rmdir(root)
    }
}
