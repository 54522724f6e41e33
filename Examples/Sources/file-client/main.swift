// A client of file-daemon, made with the product CorundClient: it submits one job and watches it, and runs another one.
// Start file-daemon first, with the same CORUND_SOCKET.
//
//     export CORUND_SOCKET=/tmp/files.sock
//     yes corund | head -n 400000 > /tmp/lines
//     swift run --package-path Examples file-client /tmp/lines
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
//     the lines: 400000

import CorundAPI
import CorundRunner
import Foundation

struct Digest: Decodable { let fnv1a: String }
struct LineCount: Decodable { let lines: Int }

/// Detached: the daemon keeps the job and its result, whatever becomes of this client.
func hash(_ file: RawJSON, with client: Client) async throws {
    let job = try await client.submit(Submission(job: "hash", arguments: file))
    for try await event in try client.watch(job.id) {
        if let state = event.state { print(state) }
        if let progress = event.progress { print(Int(progress.fraction * 100), "%") }
    }
    guard let digest: Digest = try await client.get(job.id).result?.decode() else { return }
    print("the hash: \(digest.fnv1a)")
}

/// Attached: the answer comes back on the connection, and the job is cancelled if that breaks.
func countLines(_ file: RawJSON, with client: Client) async throws {
    guard let count: LineCount = try await client.run("count-lines", arguments: file)?.decode() else { return }
    print("the lines: \(count.lines)")
}

do {
    try Runner.run {
        let socket = ProcessInfo.processInfo.environment["CORUND_SOCKET"] ?? "/run/corund/corund.sock"
        let client = try await Client.connect(to: socket)
        let file = try RawJSON(encoding: ["path": CommandLine.arguments.dropFirst().first ?? #filePath])
        try await hash(file, with: client)
        try await countLines(file, with: client)
        client.close()
    }
} catch {
    print("file-client: \(error)")
    exit(1)
}
