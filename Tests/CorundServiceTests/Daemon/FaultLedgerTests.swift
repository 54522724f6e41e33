import CorundLoop
import Testing

@testable import CorundService

struct FaultLedgerTests {
    private var ledger = FaultLedger()

    private mutating func entry(_ user: UInt32 = 1, after seconds: Double) -> String? {
        ledger.entry(for: "fault", of: user, at: LoopTime(nanoseconds: 5) + .seconds(seconds))
    }

    @Test mutating func aUserHasOneEntryInAMinuteAndTheNextOneCountsWhatWasLeftOut() {
        #expect(entry(after: 0) == "fault")
        for second in 0..<17 { #expect(entry(after: Double(second)) == nil) }
        #expect(entry(after: 59.999_999) == nil)
        #expect(entry(after: 60) == "fault (faults left out before it: 18)")
        #expect(entry(after: 119) == nil)
        #expect(entry(after: 1000) == "fault (faults left out before it: 1)")
        #expect(entry(after: 2000) == "fault")
    }

    @Test mutating func oneUsersFaultsHideNoOthers() {
        #expect(entry(1, after: 0) == "fault")
        #expect(entry(1, after: 1) == nil)
        #expect(entry(2, after: 1) == "fault")
        #expect(entry(2, after: 60) == nil)
        #expect(entry(1, after: 60) == "fault (faults left out before it: 1)")
    }

    @Test mutating func manyUsersFillTheLogNoMoreThanThoseThatAreToldApart() {
        let (known, more) = (UInt32(FaultLedger.userLimit), UInt32(10_000))
        for user in 0..<known { #expect(entry(user, after: 0) == "fault") }
        // Those beyond have one entry together.
        #expect((known..<more).compactMap { entry($0, after: 1) } == ["fault"])
        #expect(entry(more, after: 61) == "fault")  // there is room again
        #expect(entry(more, after: 62) == nil)
    }

    @Test mutating func aUserThatIsRememberedKeepsItsCountWhileOthersCome() {
        #expect(entry(1, after: 0) == "fault")
        for user in 2..<UInt32(FaultLedger.userLimit) { _ = entry(user, after: 30) }
        #expect(entry(1, after: 31) == nil)
        for user in 1000..<UInt32(3000) { _ = entry(user, after: 32) }
        #expect(entry(1, after: 60) == "fault (faults left out before it: 1)")
    }
}
