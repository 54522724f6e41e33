import Testing

@testable import CorundService

struct JobIDTests {
    @Test(arguments: [0, 1, 42, UInt64.max])
    func comesBackFromItsText(number: UInt64) {
        #expect(JobID(JobID(number).description) == JobID(number))
    }

    @Test(arguments: ["", "x", "+1", "-1", "01", " 1", "1 ", "1.0", "0x1", "18446744073709551616", "１"])
    func hasOneSpellingOnly(text: String) {
        #expect(JobID(text) == nil)
    }

    @Test func ordersByNumber() {
        #expect(JobID(9) < JobID(10))
    }
}
