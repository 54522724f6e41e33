import Testing

@testable import CorundService

struct RetryBackoffTests {
    private let backoff = RetryBackoff(first: .seconds(1), longest: .seconds(300))

    @Test(arguments: [(1, 1), (2, 2), (3, 4), (9, 256), (10, 300), (100, 300), (Int.max, 300), (0, 1), (-5, 1)])
    func doublesUpToTheLongest(attempt: Int, seconds: Int) {
        #expect(backoff.delay(afterAttempt: attempt, draw: 1) == .seconds(seconds))
    }

    @Test(arguments: 1...12)
    func drawsFromTheUpperHalf(attempt: Int) {
        let longest = backoff.delay(afterAttempt: attempt, draw: 1)
        #expect(backoff.delay(afterAttempt: attempt, draw: 0) == longest / 2)
        #expect(backoff.delay(afterAttempt: attempt, draw: 0.5) == longest / 4 * 3)
    }

    @Test func hasUsualValues() {
        #expect(RetryBackoff() == RetryBackoff(first: .seconds(1), longest: .seconds(300)))
    }
}
