// A daemon of your own jobs: it hashes files, asks other services, and cleans folders up. Socket, durable queue, health
// checks, systemd and a graceful end on SIGTERM come with the library. Start it with a socket of its own:
//     CORUND_SOCKET=/tmp/files.sock swift run --package-path Examples file-daemon
// In another terminal, with the same CORUND_SOCKET, use file-client or the stock client, or have a timer do it each night:
//     systemd-run --user --on-calendar=daily corund-ctl submit clean-up folder=/var/tmp/scratch days=7

import CorundAPI
import CorundService
import Foundation

struct File: Decodable { let path: String }
struct Service: Decodable { let socket, method: String }
struct CleanUp: Decodable { let folder: String, days: Double }

var registry = JobRegistry()
registry.register("hash", KindOptions(summary: "The FNV-1a hash of a file")) { (file: File, job) in
    let handle = try FileHandle(forReadingFrom: URL(filePath: file.path))
    let (size, piece) = (try handle.seekToEnd(), 1 << 20)
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for offset in stride(from: 0, to: size, by: piece) {
        job.report(progress: Double(offset) / Double(size), note: "reading \(file.path)")
        // A piece at a time: the loop stays free, and between two pieces the job ends if it was cancelled.
        hash = try await job.runBlocking { [hash] in
            try handle.seek(toOffset: offset)
            return try (handle.read(upToCount: piece) ?? Data()).reduce(hash) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        }
    }
    return ["fnv1a": String(hash, radix: 16)]
}
registry.register("fetch", KindOptions(summary: "The answer of another service's Varlink method")) { (to: Service, _) in
    let service = try await Client.connect(to: to.socket)
    defer { service.close() }
    return try await service.call(to.method)
}
var nightly = KindOptions(summary: "Removes the files of a folder that are older than so many days")
(nightly.group, nightly.maxAttempts, nightly.timeout) = ("disk", 3, .seconds(3600))
registry.register("clean-up", nightly) { (order: CleanUp, job) in
    let old = try await job.runBlocking {
        try FileManager.default.contentsOfDirectory(atPath: order.folder).map { "\(order.folder)/\($0)" }.filter {
            let changed = try FileManager.default.attributesOfItem(atPath: $0)[.modificationDate] as? Date
            return Date().timeIntervalSince(changed ?? .now) > order.days * 86_400
        }
    }
    for file in old { try await job.runBlocking { try FileManager.default.removeItem(atPath: file) } }
    return ["removed": old.count]
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
