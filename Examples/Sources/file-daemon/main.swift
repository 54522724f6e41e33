// A daemon of your own jobs: it hashes files, and counts their lines. Queue, socket, health checks, systemd and a graceful
// end on SIGTERM come with the library.
//
//     export CORUND_SOCKET=/tmp/files.sock
//     swift run --package-path Examples file-daemon
//
// In another terminal, with the same CORUND_SOCKET, take its jobs with file-client, or with the stock client:
//
//     corund-ctl run count-lines path=/etc/services
//     id=$(corund-ctl submit hash path=/usr/bin/python3) && corund-ctl watch $id

import CorundService
import Foundation

struct File: Decodable { let path: String }
struct Digest: Encodable { let fnv1a: String }
struct LineCount: Encodable { let lines: Int }

/// Folds the bytes of a file into one value, a piece at a time on the blocking pool: the loop stays free, and between two
/// pieces the job says how far it is, and ends if it was cancelled.
func fold<Value: Sendable>(
    _ file: File, for job: JobContext, into initial: Value, _ step: @escaping @Sendable (inout Value, UInt8) -> Void
) async throws -> Value {
    let pieceSize = 1 << 20
    guard let loop = EventLoop.running else { throw EventLoopError.wrongThread }
    let handle = try FileHandle(forReadingFrom: URL(filePath: file.path))
    let size = try handle.seekToEnd()
    var value = initial
    for offset in stride(from: 0, to: size, by: pieceSize) {
        job.report(progress: Double(offset) / Double(size), note: "reading \(file.path)")
        value = try await loop.runBlocking { [value] in
            try handle.seek(toOffset: offset)
            return try (handle.read(upToCount: pieceSize) ?? Data()).reduce(into: value, step)
        }
    }
    return value
}

var registry = JobRegistry.builtIn
registry.register("hash", KindOptions(summary: "The FNV-1a hash of a file")) { (file: File, job) in
    let hash = try await fold(file, for: job, into: 0xcbf2_9ce4_8422_2325 as UInt64) { hash, byte in
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    return Digest(fnv1a: String(hash, radix: 16))
}
registry.register("count-lines", KindOptions(summary: "The number of lines of a file")) { (file: File, job) in
    LineCount(lines: try await fold(file, for: job, into: 0) { $0 += $1 == UInt8(ascii: "\n") ? 1 : 0 })
}

do {
    try Daemon.prepareProcess()
    let environment = ProcessInfo.processInfo.environment
    var configuration = Configuration()
    configuration.socket = environment["CORUND_SOCKET"]  // its usual place when not set
    try Daemon(configuration: configuration, registry: registry, environment: environment).run()
} catch {
    print("file-daemon: \(error)")
    exit(1)
}
