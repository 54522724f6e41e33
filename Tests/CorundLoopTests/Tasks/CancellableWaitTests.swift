import Testing

@testable import CorundLoop

struct CancellableWaitTests {
    /// Optimised code may take a task that prefers another executor there after it has been asked where it is.
    @Test func whoIsTakenElsewhereBeforeTheWaitBeginsIsRefused() throws {
        try withLoop { loop in
            try withLoop { other in
                #expect(throws: EventLoopError.wrongThread) {
                    try loop.complete {
                        try await other.cancellableWait { (continuation: UnsafeContinuation<Void, any Error>) in
                            Issue.record("it begins")
                            continuation.resume()
                        } onCancel: {
                        }
                    }
                }
            }
        }
    }
}
