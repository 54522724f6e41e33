import CorundAPI
import Foundation
import Glibc
import TestSupport
import Testing
import Varlink

/// What a disk does to a daemon.
struct StorageTests {
    private static func corund(
        _ folder: TemporaryFolder, launcher: [String] = []
    ) throws -> (end: ProcessEnd, output: String) {
        let program = try Program(
            .corund, ["--socket", folder.file("s"), "--state-dir", folder.file("state")], environment: [:],
            folder: folder, launcher: launcher)
        return (try program.wait(), program.output)
    }

    /// A folder whose file has been through `change`.
    private static func folder(_ change: (inout Data) throws -> Void) throws -> (TemporaryFolder, URL) {
        let folder = try TemporaryFolder()
        let file = URL(fileURLWithPath: folder.file("state/jobs.db"))
        try TestDaemon.run(arguments: ["--state-dir", folder.file("state")]) { daemon in
            let client = try daemon.connect()
            let large = "\"\(String(repeating: "x", count: 200))\""
            for _ in 0..<100 { client.start("Jobs.Submit", #"{"submission":{"job":"echo","arguments":\#(large)}}"#) }
            for _ in 0..<100 { _ = try client.receive() }
            daemon.stop()
            #expect(try daemon.program.wait() == .exited(0))
        }
        var content = try Data(contentsOf: file)
        try change(&content)
        try content.write(to: file)
        return (folder, file)
    }

    // MARK: Files that cannot be used

    @Test(arguments: ["garbage", "truncated", "a page", "a later version"])
    func aFileThatCannotBeUsedIsRefusedAndLeftAsItIs(what: String) throws {
        let (folder, file) = try Self.folder { content in
            switch what {
            case "garbage": content = Data(repeating: 0x2a, count: 10_000)
            case "truncated": content = content.prefix(content.count / 2)
            case "a later version": content[63] = 99  // the end of `user_version`, by SQLite's file format
            default:
                for page in 1..<content.count / 4096 where content[page * 4096] == 13 {  // leaves of tables with rows
                    content.replaceSubrange(page * 4096..<page * 4096 + 32, with: Data(repeating: 0xff, count: 32))
                }
            }
        }
        let before = try Data(contentsOf: file)
        let (end, output) = try Self.corund(folder)
        #expect(end == .exited(69))
        let expected =
            what == "a later version"
            ? "corund: \(file.path) was written by a later release: it has version 99, this one knows 2. Install that"
            : "corund: \(file.path) is damaged ("
        #expect(output.hasPrefix(expected), "\(output)")
        #expect(try Data(contentsOf: file) == before)
    }

    @Test func allFilesAreForTheirOwnerAlone() throws {
        try TestDaemon.run { daemon in
            _ = try daemon.connect().submit("echo")
            let folder = daemon.folder.file("state/corund")
            let files = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(Set(files).isSuperset(of: ["jobs.db", "jobs.db-wal", "lock"]))
            for file in files {
                var status = stat()
                #expect(stat("\(folder)/\(file)", &status) == 0)
                #expect(status.st_mode & 0o077 == 0, "\(file)")
            }
        }
    }

    /// SQLite would go on, and all of it would be lost with the process.
    @Test func aFolderThatIsRemovedIsNoticed() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            _ = try client.job("Wait", try client.submit("echo"))
            let folder = daemon.folder.file("state/corund")
            try FileManager.default.removeItem(atPath: folder)
            let reply = try client.call("Jobs.Submit", #"{"submission":{"job":"echo"}}"#)
            #expect(reply.error == "io.corund.Jobs.StorageUnavailable")
            #expect(reply.text.contains("\(folder)/jobs.db has been removed or replaced"))
            #expect(try client.call("Service.Health").decode(Health.self).ready == false)
            #expect(try client.isServed())
            daemon.stop()
            #expect(try daemon.program.wait() == .exited(0))
            #expect(daemon.program.output.contains("jobs cannot be recorded: \(folder)/jobs.db has been removed"))
        }
    }

    // MARK: A full disk

    /// Runs a program where that folder is a small disk of its own, which goes with the process.
    private static func onSmallDisk(_ folder: String, options: String) -> [String] {
        [
            "unshare", "--mount", "/bin/sh", "-c",
            #"mkdir -p "$0" && mount -t tmpfs -o \#(options) corund-test "$0" && exec "$@""#, folder,
        ]
    }

    /// Root may make a small disk for a test, where the sandbox lets it; nobody else may.
    private static let mayMount =
        geteuid() == 0 && system("unshare --mount mount -t tmpfs corund-test /tmp 2>/dev/null") == 0

    /// Has a file take all the room but so many bytes.
    private static func fill(_ file: String, butFor rest: Int) {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        let block = [UInt8](repeating: 0, count: 4096)
        while write(descriptor, block, block.count) == block.count {}
        #expect(ftruncate(descriptor, lseek(descriptor, 0, SEEK_END) - rest) == 0)
    }

    @Test(.enabled(if: mayMount, "only root can make a disk that is small"))
    func aFullDiskIsSurvived() throws {
        try TestDaemon.run(launcher: { Self.onSmallDisk($0.file("state"), options: "size=4m") }) { daemon in
            let client = try daemon.connect()
            let running = try client.submit("sleep", #"{"seconds":1}"#)
            #expect(try daemon.waitForJobs("running", 1) == 1)
            let filler = "/proc/\(daemon.program.process)/root\(daemon.folder.file("state"))/filler"
            Self.fill(filler, butFor: 600_000)
            let (acknowledged, refusal) = try Self.submitUntilRefused(client)
            #expect(
                refusal == #"{"error":"io.corund.Jobs.StorageUnavailable","parameters":{"message":"the disk is full"}}"#
            )
            let health = try client.call("Service.Health").decode(Health.self)
            #expect(
                (health.live, health.ready, health.reasons) == (true, false, ["storage unavailable: the disk is full"]))
            #expect(acknowledged.count > 1)
            try daemon.waitUntilNoneIsLeft(of: "sleep")
            #expect(try client.job("Get", running).state == .running, "it ended before the disk was full")
            #expect(try client.isServed())
            #expect(
                try client.call("Jobs.Retry", #"{"id":"\#(running)"}"#).error == "io.corund.Jobs.StorageUnavailable")

            #expect(unlink(filler) == 0)
            #expect(try client.isReadyAgain())
            #expect(try client.job("Wait", running).state == .succeeded)
            for id in acknowledged { #expect(try client.job("Wait", id).state == .succeeded) }
            #expect(try client.job("Wait", try client.submit("echo", "[1]")).result?.description == "[1]")
            #expect(
                daemon.program.output.contains("jobs cannot be recorded: the disk is full; trying again each second"))
            #expect(daemon.program.output.contains("jobs can be recorded again"))
            daemon.stop()
            #expect(try daemon.program.wait() == .exited(0))
            #expect(daemon.program.output.contains("interrupted: 0, left: 0"))
        }
    }

    /// - Returns: the ids that were answered, and the first answer that is none.
    private static func submitUntilRefused(_ client: WireClient) throws -> ([String], String) {
        let large = "\"\(String(repeating: "x", count: 20_000))\""
        var ids: [String] = []
        while ids.count < 10_000 {
            let reply = try client.call("Jobs.Submit", #"{"submission":{"job":"echo","arguments":\#(large)}}"#)
            guard reply.error == nil else { return (ids, reply.text) }
            ids.append(try reply.decode(SubmitResult.self).id)
        }
        return (ids, "")
    }

    @Test(.enabled(if: mayMount, "only root can make a disk that cannot be written"))
    func aDiskThatCannotBeWrittenIsRefused() throws {
        let folder = try TemporaryFolder()
        let (end, output) = try Self.corund(
            folder, launcher: Self.onSmallDisk(folder.file("state"), options: "ro"))
        #expect(end == .exited(69))
        #expect(output.contains("the state folder \(folder.file("state")) cannot be written: Read-only file system"))
    }

    // MARK: What is old

    @Test func whatHasBecomeTooOldBetweenTwoDaemonsIsForgottenThoughNobodySubmits() throws {
        let folder = try TemporaryFolder()
        let old = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("CorundServiceTests/Store/Golden/version-1.db")
        try FileManager.default.createDirectory(atPath: folder.file("state"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: old.path, toPath: folder.file("state/jobs.db"))
        let state = ["--state-dir", folder.file("state")]
        try TestDaemon.run("retention = \"3650d\"", arguments: state) { daemon in
            let client = try daemon.connect()
            for id in ["2", "8", "9"] { #expect(try client.job("Wait", id).state == .succeeded) }
            #expect(try client.job("Get", "4").state == .succeeded)
            daemon.stop()
            try daemon.program.wait()
        }
        // Nothing of what is left starts or ends: nobody but the clock has a reason to write.
        try TestDaemon.run("retention = \"1min\"", arguments: state) { daemon in
            let client = try daemon.connect()
            let limit = ContinuousClock.now + Program.guardTime
            var error: String?
            while error == nil, ContinuousClock.now < limit {
                error = try client.call("Jobs.Get", #"{"id":"4"}"#).error
            }
            #expect(error == "io.corund.Jobs.NoSuchJob")
        }
    }

    @Test func aFileThatMayNotGrowIsADiskThatDoesNotWork() throws {
        try TestDaemon.run(launcher: { _ in ["prlimit", "--fsize=40960:"] }) { daemon in
            let client = try daemon.connect()
            let job = #"{"submission":{"job":"echo","arguments":{"text":"\#(String(repeating: "x", count: 50_000))"}}}"#
            #expect(try client.call("Jobs.Submit", job).error == "io.corund.Jobs.StorageUnavailable")
            #expect(try client.isServed())
            _ = try tool("/usr/bin/prlimit", "--pid", "\(daemon.program.process)", "--fsize=unlimited:")
            let limit = ContinuousClock.now + Program.guardTime
            var error: String?
            repeat {
                error = try client.call("Jobs.Submit", job).error
            } while error != nil && ContinuousClock.now < limit
            #expect(error == nil)
        }
    }

    // MARK: Too few descriptors

    @Test func whatWantsThreadsOfLibdispatchForTheFirstTimeMayDoSoWithoutDescriptors() throws {
        let limit = 40
        try TestDaemon.runMisbehaving(launcher: ["prlimit", "--nofile=\(limit):\(limit)"]) { daemon in
            let client = try daemon.connect()
            let others = try daemon.takeAllDescriptors(limit)
            #expect(try client.call("Jobs.Run", #"{"job":"dispatch"}"#).error == nil)
            withExtendedLifetime(others) {}
        }
    }

    @Test func withoutDescriptorsLargeSubmissionsAreRecordedAllTheSame() throws {
        let limit = 40
        try TestDaemon.run(launcher: { _ in ["prlimit", "--nofile=\(limit):\(limit)"] }) { daemon in
            let client = try daemon.connect()
            let others = try daemon.takeAllDescriptors(limit)
            let job = #"{"job":"echo","arguments":{"text":"\#(String(repeating: "x", count: 50_000))"}}"#
            let jobs = Array(repeating: job, count: 5).joined(separator: ",")
            for _ in 0..<10 {
                #expect(try client.call("Jobs.SubmitMany", #"{"submissions":[\#(jobs)]}"#).error == nil)
            }
            withExtendedLifetime(others) {}
        }
    }

    @Test func withoutDescriptorsTheWatchdogHearsThatTheDaemonLives() throws {
        let limit = 40
        let launcher = ["env", "WATCHDOG_USEC=100000", "prlimit", "--nofile=\(limit):\(limit)"]
        try TestDaemon.run(launcher: { _ in launcher }) { daemon in
            let others = try daemon.takeAllDescriptors(limit)
            daemon.manager.forget()
            for _ in 0..<3 { try daemon.manager.wait(for: "WATCHDOG=1") }
            withExtendedLifetime(others) {}
        }
    }

    @Test func withoutDescriptorsReadsFailAndWorkAgainLater() throws {
        let limit = 40
        try TestDaemon.run(launcher: { _ in ["prlimit", "--nofile=\(limit):\(limit)"] }) { daemon in
            let client = try daemon.connect()
            let id = try client.submit("echo", "[1]")
            try daemon.waitUntilNoneIsLeft(of: "echo")  // What has not ended is told without reading.
            let others = try daemon.takeAllDescriptors(limit)
            let reply = try client.call("Jobs.Get", #"{"id":"\#(id)"}"#)
            #expect(reply.error == "io.corund.Jobs.StorageUnavailable", "\(reply.text)")
            #expect(reply.text.contains("it cannot be opened"))
            #expect(
                try client.call("Jobs.Submit", #"{"submission":{"job":"echo"}}"#).error == nil, "writing needs none")
            for other in others { other.close() }
            #expect(try client.readsAgain(id).id == id)
            #expect(try client.job("Wait", id).result?.description == "[1]")
            #expect(try client.isServed())
        }
    }
}

extension TestDaemon {
    fileprivate func descriptorCount() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(program.process)/fd").count
    }

    fileprivate func waitUntilNoneIsLeft(of group: String) throws {
        let client = try connect()
        let deadline = ContinuousClock.now + Program.guardTime
        while try client.statistics().groups.contains(where: { $0.name == group && $0.running + $0.queued > 0 }) {
            guard ContinuousClock.now < deadline else { throw Program.TimedOut(what: "a job of \(group) is left") }
        }
    }

    /// Connects until the daemon has `limit` descriptors, which are all that it may have.
    fileprivate func takeAllDescriptors(_ limit: Int) throws -> [WireClient] {
        var clients: [WireClient] = []
        while try descriptorCount() < limit, clients.count < limit { clients.append(try connect()) }
        try waitForDescriptors(limit)
        return clients
    }

    /// The kernel tells nobody, so it is asked again and again.
    private func waitForDescriptors(_ count: Int) throws {
        let deadline = ContinuousClock.now + Program.guardTime
        while try descriptorCount() < count {
            guard ContinuousClock.now < deadline else { throw Program.TimedOut(what: "\(count) descriptors") }
            sched_yield()
        }
    }
}

extension WireClient {
    /// Asks until the daemon is ready again.
    fileprivate func isReadyAgain() throws -> Bool {
        let deadline = ContinuousClock.now + Program.guardTime
        while ContinuousClock.now < deadline {
            if try call("Service.Health").decode(Health.self).ready { return true }
        }
        return false
    }

    /// The job, as soon as it can be read.
    fileprivate func readsAgain(_ id: String) throws -> Job {
        let deadline = ContinuousClock.now + Program.guardTime
        while ContinuousClock.now < deadline {
            let reply = try call("Jobs.Get", #"{"id":"\#(id)"}"#)
            if reply.error == nil { return try reply.decode(JobResult.self).job }
        }
        throw Program.TimedOut(what: "job \(id)")
    }
}
