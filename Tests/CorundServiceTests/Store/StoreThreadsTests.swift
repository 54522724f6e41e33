import CorundLoop
import Dispatch
import Glibc
import Synchronization
import Testing

@testable import CorundService

struct StoreThreadsTests {
    @Test func whatItIsGivenRunsInThatOrderOnOneThread() throws {
        let thread = try StoreThreads(name: "test")
        let seen = Mutex<[(Int, pthread_t)]>([])
        for number in 0..<1000 {
            try thread.run { seen.withLock { $0.append((number, pthread_self())) } }
        }
        thread.close()
        seen.withLock { seen in
            #expect(seen.map(\.0) == Array(0..<1000))
            #expect(Set(seen.map(\.1)).count == 1)
        }
    }

    @Test func whatTakesLongHoldsNothingElseWhenThereIsAnotherThread() throws {
        let threads = try StoreThreads(name: "test", limit: 2)
        let (gate, hasRun) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        try threads.run { gate.wait() }
        for _ in 0..<10 { try threads.run { hasRun.signal() } }
        for _ in 0..<10 { hasRun.wait() }
        gate.signal()
        threads.close()
    }

    @Test func closeWaitsForWhatHasCome() throws {
        let thread = try StoreThreads(name: "test")
        let gate = DispatchSemaphore(value: 0)
        let hasRun = Mutex(false)
        try thread.run { gate.wait() }
        try thread.run { hasRun.withLock { $0 = true } }
        gate.signal()
        thread.close()
        let ran = hasRun.withLock { $0 }
        #expect(ran)
    }

    @Test func aClosedOneRunsNothingAndSaysSo() throws {
        let thread = try StoreThreads(name: "test")
        thread.close()
        #expect(throws: BlockingPoolError.shutDown) { try thread.run { Issue.record("it has run") } }
    }
}
