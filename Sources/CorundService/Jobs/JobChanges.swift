import CorundLoop

/// Wakes those who wait for something to happen to a job.
///
/// It belongs to the loop.
final class JobChanges {
    private let loop: EventLoop
    private var topics: [JobID: Topic] = [:]
    private var isClosed = false
    /// Notified when somebody has gone, at the end.
    private let left: LoopSignal

    fileprivate final class Topic {
        let signal: LoopSignal
        var version = 0
        var followers = 0

        init(loop: EventLoop) {
            signal = LoopSignal(loop: loop)
        }

        func notify() {
            version += 1
            signal.notify()
        }
    }

    init(loop: EventLoop) {
        self.loop = loop
        left = LoopSignal(loop: loop)
    }

    /// Something has happened to the job.
    func notify(_ id: JobID) {
        topics[id]?.notify()
    }

    /// Something has happened that may concern whoever waits for any job.
    func notifyAll() {
        for topic in topics.values { topic.notify() }
    }

    /// The daemon ends: nothing more will happen, and nobody is to wait for it.
    ///
    /// Returns when everyone has gone, or when the time is up.
    func close(until limit: LoopTime) async {
        isClosed = true
        notifyAll()
        let timer = try? loop.callAt(limit) { [left] in left.notify() }
        defer { timer?.cancel() }
        while !topics.isEmpty, loop.now < limit { do { try await left.wait() } catch { return } }
    }

    /// Calls `body` with something that notices each change from now on.
    func follow<Value>(_ id: JobID, _ body: (Follower) async throws -> Value) async throws -> Value {
        let topic = topics[id] ?? Topic(loop: loop)
        topics[id] = topic
        topic.followers += 1
        defer {
            topic.followers -= 1
            if topic.followers == 0 { topics[id] = nil }
            if isClosed { left.notify() }
        }
        return try await body(Follower(topic, of: self))
    }

    /// Notices the changes of one job.
    struct Follower {
        private let topic: Topic
        private unowned let changes: JobChanges

        fileprivate init(_ topic: Topic, of changes: JobChanges) {
            (self.topic, self.changes) = (topic, changes)
        }

        /// What has been noticed so far: to be taken before the job is looked at.
        var version: Int { topic.version }

        /// Whether the daemon ends and nothing more will happen: to be asked before the job is looked at, too, because what
        /// is seen then is the last there is.
        var isLast: Bool { changes.isClosed }

        /// Waits until something has happened since `version`.
        ///
        /// - Throws: `CancellationError`.
        func wait(after version: Int) async throws {
            while topic.version == version { try await topic.signal.wait() }
        }

        /// Wakes the followers of this job, to look at the clock.
        func wake() { topic.notify() }
    }
}
