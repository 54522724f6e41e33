import CorundLoop
import Synchronization

/// What handlers say on other threads than the loop's, on its way there.
///
/// A callback of the loop delivers it, but cannot be relied upon alone: a closure of `runBlocking` that ends at once lets
/// its handler go on in the same tick, and the job may end in it. So the loop looks here, too, before a handler says more
/// and before its job ends.
final class JobMail: Sendable {
    let loop: EventLoop
    private let letters = Mutex<[@Sendable () -> Void]>([])
    /// Read without the lock for each job.
    private let mayHaveLetters = Atomic(false)

    init(to loop: EventLoop) {
        self.loop = loop
    }

    /// From any thread.
    func post(_ letter: @escaping @Sendable () -> Void) {
        let isFirst = letters.withLock { letters in
            letters.append(letter)
            mayHaveLetters.store(true, ordering: .releasing)
            return letters.count == 1
        }
        if isFirst { try? loop.callSoonThreadSafe { [self] in deliver() } }
    }

    /// On the loop.
    func deliver() {
        guard mayHaveLetters.load(ordering: .acquiring) else { return }
        let delivered = letters.withLock { letters in
            mayHaveLetters.store(false, ordering: .relaxed)
            defer { letters = [] }
            return letters
        }
        for letter in delivered { letter() }
    }
}
