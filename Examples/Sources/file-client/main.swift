// A client of file-daemon, made with the product CorundClient: it submits one job and watches it, and runs two others.
// Start file-daemon first, with the same CORUND_SOCKET.
//
//     export CORUND_SOCKET=/tmp/files.sock
//     mkdir /tmp/files && yes corund | head -n 400000 > /tmp/files/lines && touch -d 'last month' /tmp/files/old
//     swift run --package-path Examples file-client /tmp/files
//
// Prints:
//
//     queued
//     running
//     0 %
//     37 %
//     74 %
//     succeeded
//     the hash: c8938644b43e91a5
//     the daemon's product: corund
//     removed: 1

import CorundAPI
import CorundRunner
import Foundation

struct Digest: Decodable { let fnv1a: String }
struct Info: Decodable { let product: String }
struct CleanUp: Codable { let folder: String, days: Double }
struct Removed: Decodable { let removed: Int }

/// Detached: the daemon keeps the job and its result, whatever becomes of this client.
func hash(_ path: String, with client: Client) async throws {
    let job = try await client.submit(Submission(job: "hash", arguments: RawJSON(encoding: ["path": path])))
    for try await event in try client.watch(job.id) {
        if let state = event.state { print(state) }
        if let progress = event.progress { print(Int(progress.fraction * 100), "%") }
    }
    guard let digest: Digest = try await client.get(job.id).result?.decode() else { return }
    print("the hash: \(digest.fnv1a)")
}

/// Attached: the answer comes back on the connection, and the job is cancelled if that breaks.
func run<Result: Decodable>(_ job: String, _ arguments: some Encodable, with client: Client) async throws -> Result? {
    try await client.run(job, arguments: RawJSON(encoding: arguments))?.decode()
}

do {
    try Runner.run {
        let socket = ProcessInfo.processInfo.environment["CORUND_SOCKET"] ?? "/run/corund/corund.sock"
        let folder = CommandLine.arguments.dropFirst().first ?? "/tmp/files"
        let client = try await Client.connect(to: socket)
        try await hash("\(folder)/lines", with: client)
        let service = ["socket": socket, "method": "org.varlink.service.GetInfo"]
        let info: Info? = try await run("fetch", service, with: client)
        print("the daemon's product: \(info?.product ?? "-")")
        let cleaned: Removed? = try await run("clean-up", CleanUp(folder: folder, days: 7), with: client)
        print("removed: \(cleaned?.removed ?? 0)")
        client.close()
    }
} catch {
    print("file-client: \(error)")
    exit(1)
}
