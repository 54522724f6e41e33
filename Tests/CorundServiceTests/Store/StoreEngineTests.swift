import CorundAPI
import CorundLoop
import Foundation
import GRDB
import Glibc
import TestSupport
import Testing
import Varlink

@testable import CorundService

struct StoreEngineTests {
    private static func open(_ folder: StateFolder) throws {
        try folder.open { _ = try $0.recover() }
    }

    private static func isCorrupt(_ error: any Error, _ folder: StateFolder) -> Bool {
        guard case StoreError.corrupt(let path, let reason) = error else { return false }
        return path == folder.file && !reason.isEmpty
            && "\(error)".hasPrefix("\(path) is damaged (\(reason)) and was left as it is. Copy it, try")
    }

    /// A file with so many jobs that each table has many pages.
    private static func filled() throws -> StateFolder {
        let folder = try StateFolder()
        let arguments = RawJSON(unchecked: Array("\"\(String(repeating: "x", count: 300))\"".utf8))
        try folder.open { shelf in
            for id: UInt64 in 1...100 { try shelf.add(id) { $0.job.arguments = arguments } }
            for id: UInt64 in 1...50 {
                try shelf.start(id)
                if id % 2 == 0 { try shelf.end(id, .failed) }
            }
        }
        return folder
    }

    // MARK: Files

    @Test func allFilesAreForTheirOwnerAlone() throws {
        let folder = try StateFolder()
        try folder.open(under: 0) { shelf in
            try shelf.add(1)
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(Set(files) == ["jobs.db", "jobs.db-shm", "jobs.db-wal", "lock"])
            for file in files {
                var status = stat()
                #expect(stat("\(folder.path)/\(file)", &status) == 0)
                #expect(status.st_mode & 0o7777 == 0o600, "\(file)")
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["jobs.db", "lock"])
    }

    @Test func aSecondOwnerIsRefusedUntilTheFirstOneHasGone() throws {
        let folder = try StateFolder()
        try folder.open { shelf in
            #expect(throws: StoreError.inUse(folder: folder.path)) { try Shelf(folder: folder.path) }
            try shelf.add(1)
        }
        #expect(try folder.open { try $0.ids() } == [1])
    }

    @Test func aClosedOneIsNoOwnerAnyMoreThoughItIsKept() throws {
        let folder = try StateFolder()
        let first = try Shelf(folder: folder.path)
        try first.engine.close(within: .seconds(60))
        #expect(try folder.open { try $0.ids() } == [])
        withExtendedLifetime(first) {}
    }

    @Test func aFolderThatIsNotThereIsRefused() throws {
        let folder = try StateFolder()
        let path = folder.path + "/nothing"
        #expect(throws: StoreError.unusable(path: path + "/lock", reason: "No such file or directory")) {
            try Shelf(folder: path)
        }
    }

    @Test(arguments: ["lock", "jobs.db"])
    func aLinkInPlaceOfAFileIsRefused(name: String) throws {
        let folder = try StateFolder()
        let target = folder.path + "/precious"
        try Data("precious".utf8).write(to: URL(fileURLWithPath: target))
        #expect(symlink(target, "\(folder.path)/\(name)") == 0)
        #expect(throws: StoreError.self) { try Shelf(folder: folder.path) }
        #expect(try String(contentsOfFile: target, encoding: .utf8) == "precious")
    }

    @Test func othersSeeWhatIsCommittedAndNothingElse() throws {
        let folder = try StateFolder()
        try folder.open { shelf in
            var configuration = GRDB.Configuration()
            configuration.readonly = true
            let other = try DatabaseQueue(path: folder.file, configuration: configuration)
            let ids = { try other.read { try Int.fetchAll($0, sql: "SELECT id FROM jobs ORDER BY id") } }
            try shelf.add(1)
            let seen = try shelf.write { writer in
                _ = try writer.insert([Shelf.job(2)])
                return try ids()
            }
            #expect(seen == [1])
            #expect(try ids() == [1, 2])
        }
    }

    @Test(arguments: ["removed", "moved", "replaced"])
    func nothingIsCommittedToAFileThatIsNotThereAnyMore(what: String) throws {
        let folder = try StateFolder()
        let shelf = try Shelf(folder: folder.path)
        try shelf.add(1)
        if what == "removed" { unlink(folder.file) } else { rename(folder.file, folder.path + "/other") }
        if what == "replaced" { try folder.replaceContent([]) }
        #expect(throws: StoreError.gone(path: folder.file)) { try shelf.add(2) }
        #expect(try shelf.ids() == [1])
        if what == "moved" {
            rename(folder.path + "/other", folder.file)
            try shelf.add(3)
            #expect(try shelf.ids() == [3, 1])
        }
        try shelf.engine.close(within: .seconds(30))
    }

    // MARK: A disk that hangs

    @Test func aCloseDoesNotWaitForADiskThatHangsAndClosesNothingThatIsBeingWritten() throws {
        let folder = try StateFolder()
        let shelf = try Shelf(folder: folder.path)
        try shelf.add(1)
        let (disk, isWritten) = (Gate(), Gate())
        let outcomes = Log<Result<Void, any Error>>()
        shelf.engine.write { writer in
            disk.wait()
            outcomes.append(Result { try writer.inTransaction { _ = try writer.insert([Shelf.job(2)]) } })
        } then: {
            isWritten.open()
        }
        #expect(throws: StoreError.hanging(path: folder.file)) { try shelf.engine.close(within: .milliseconds(1)) }
        disk.open()
        isWritten.wait()
        try #require(outcomes.entries.first).get()
        var patient = GRDB.Configuration()
        patient.busyMode = .timeout(30)  // the file is being closed now
        let file = try DatabaseQueue(path: folder.file, configuration: patient)
        #expect(try file.read { try Int.fetchAll($0, sql: "SELECT id FROM jobs ORDER BY id") } == [1, 2])
        try file.close()
    }

    @Test func aCloseDoesNotWaitForAReadThatHangs() async throws {
        let folder = try StateFolder()
        let shelf = try Shelf(folder: folder.path)
        let (disk, isReading) = (Gate(), Gate())
        let engine = shelf.engine
        let reader = Task {
            try await engine.read { _ in
                isReading.open()
                disk.wait()
            }
        }
        let path = folder.file
        try await onThreadOfItsOwn {
            isReading.wait()
            #expect(throws: StoreError.hanging(path: path)) { try engine.close(within: .milliseconds(1)) }
            disk.open()
        }
        try await reader.value
    }

    // MARK: What a commit survives

    /// 2 is FULL, with which the disk has said that it has a commit; 1 is NORMAL, with which the kernel has it.
    @Test(arguments: [(true, 2), (false, 1)])
    func aCommitIsAsSynchronousAsItIsToBe(isFully: Bool, level: Int) throws {
        let folder = try StateFolder()
        let engine = try FileEngine(folder: folder.path, isFullySynchronous: isFully, retention: Shelf.generous)
        #expect(try engine.writeNow { try $0.row("PRAGMA synchronous", [])?.value(0) } == level)
        try engine.close(within: .seconds(30))
    }

    // MARK: Versions

    @Test func aFileOfALaterVersionIsRefusedAndLeftAsItIs() throws {
        let folder = try StateFolder()
        try folder.open { shelf in
            try shelf.engine.writeNow { try $0.database.execute(sql: "PRAGMA user_version = 3") }
        }
        let content = try folder.content
        let error = StoreError.newerVersion(path: folder.file, found: 3, known: 2)
        #expect(throws: error) { try Shelf(folder: folder.path) }
        #expect("\(error)".contains("was written by a later release: it has version 3, this one knows 2. Install"))
        #expect(try folder.content == content)
    }

    // MARK: Damage

    @Test func aFileThatIsNoDatabaseIsRefusedAndLeftAsItIs() throws {
        for size in [2, 15, 100, 5000] {  // of one byte, SQLite says that there is none
            let folder = try StateFolder()
            let garbage = Data(repeating: 0x2a, count: size)
            try folder.replaceContent(garbage)
            #expect { try Self.open(folder) } throws: { Self.isCorrupt($0, folder) }
            #expect(try folder.content == garbage)
        }
    }

    @Test func anEmptyFileIsAFreshOne() throws {
        let folder = try StateFolder()
        try folder.replaceContent([])
        try folder.open { try $0.add(1) }
        #expect(try folder.open { try $0.ids() } == [1])
    }

    @Test(arguments: [0.1, 0.5, 0.9])
    func aTruncatedFileIsRefusedAndLeftAsItIs(part: Double) throws {
        let folder = try Self.filled()
        let content = try folder.content
        let rest = content.prefix(Int(Double(content.count) * part))
        try folder.replaceContent(rest)
        #expect { try Self.open(folder) } throws: { Self.isCorrupt($0, folder) }
        #expect(try folder.content == rest)
    }

    @Test func aDamagedPageOfJobsIsFoundAtTheStart() throws {
        let folder = try Self.filled()
        var content = try folder.content
        for page in try Self.pages(of: "jobs", in: folder) {
            let start = (page - 1) * 4096
            content.replaceSubrange(start..<start + 64, with: Data(repeating: 0xff, count: 64))
            try folder.replaceContent(content)
            #expect { try Self.open(folder) } throws: { Self.isCorrupt($0, folder) }
            #expect(try folder.content == content)
        }
    }

    /// The pages that hold the table's rows.
    private static func pages(of table: String, in folder: StateFolder) throws -> [Int] {
        let root = try Shelf(folder: folder.path)
        defer { try? root.engine.close(within: .seconds(30)) }
        let content = try folder.content
        return try root.engine.writeNow { writer in
            let row = try writer.row("SELECT rootpage FROM sqlite_schema WHERE name = ?", [table])
            let rootPage: Int = try row?.value(0) ?? 0
            return (2...content.count / 4096).filter { page in
                let header = content[(page - 1) * 4096]
                return header == 13 && page != rootPage  // a leaf of a table, whose rows have numbers
            }
        }
    }

    /// Whatever the damage, it is an error or is not noticed; nothing traps.
    @Test(arguments: 0..<60)
    func damageOfAnyKindIsSurvived(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let folder = try Self.filled()
        var content = try folder.content
        for _ in 0..<[1, 10, 200][Int(seed % 3)] {
            content[Int.random(in: 100..<content.count, using: &generator)] = UInt8.random(
                in: 0...255, using: &generator)
        }
        try folder.replaceContent(content)
        do {
            try folder.open { shelf in
                _ = try shelf.recover()
                for id: UInt64 in 1...100 {
                    _ = try shelf.find(id)
                    _ = try shelf.events(id)
                }
                _ = try shelf.ids()
                _ = try shelf.write { try $0.sweep(at: .latest) }
            }
        } catch is StoreError {} catch is JobsError {}
    }
}
