import Testing

@testable import CorundService

struct CountingTests {
    @Test(arguments: [(0, "0 jobs run"), (1, "1 job runs"), (2, "2 jobs run"), (1000, "1000 jobs run")])
    func theWordsFitTheNumber(number: Int, text: String) {
        #expect(number.counting("job runs", "jobs run") == text)
    }
}
