import Testing

@testable import CorundLoop

struct ProgramGroupTests {
    private func group(_ events: (inout ProgramGroup) -> Void) -> ProgramGroup {
        var group = ProgramGroup()
        events(&group)
        return group
    }

    @Test func aProgramThatLeavesNothingBehindIsOver() {
        var group = ProgramGroup()
        #expect(group.outputEnded(othersLive: true) == [])
        #expect(group.programEnded(othersLive: false, outputIsOpen: false) == [.finish])
        #expect(group.phase == .over && !group.wasStopped)
    }

    @Test func whatIsNotReadYetIsReadFirst() {
        var group = ProgramGroup()
        #expect(group.programEnded(othersLive: false, outputIsOpen: true) == [.allowDraining])
        #expect(group.outputEnded(othersLive: false) == [.finish])
    }

    @Test func aPipeThatSomeoneElseHoldsIsLetGoOf() {
        var group = ProgramGroup()
        _ = group.programEnded(othersLive: false, outputIsOpen: true)
        #expect(group.timeIsUp(outputIsOpen: true) == [.finish])
    }

    @Test func whoIsLeftWithoutTheOutputIsKilledAtOnce() {
        var group = ProgramGroup()
        #expect(group.programEnded(othersLive: true, outputIsOpen: false) == [.kill, .finish])
    }

    @Test func whoIsLeftWithTheOutputMayFinishIt() {
        var group = ProgramGroup()
        #expect(group.programEnded(othersLive: true, outputIsOpen: true) == [.allowGrace, .lookAgain])
        #expect(group.looked(othersLive: true, outputIsOpen: true) == [.lookAgain])
        var patient = group
        #expect(patient.outputEnded(othersLive: true) == [.kill, .finish])
        #expect(group.timeIsUp(outputIsOpen: true) == [.kill, .allowDraining])
        #expect(group.outputEnded(othersLive: false) == [.finish])
    }

    @Test func aStopIsTERMAndThenKILL() {
        var group = ProgramGroup()
        #expect(group.stop() == [.terminate, .allowGrace])
        #expect(group.wasStopped)
        #expect(group.stop() == [])
        #expect(group.timeIsUp(outputIsOpen: true) == [.kill])
        #expect(group.timeIsUp(outputIsOpen: true) == [], "it is the kernel's turn")
        #expect(group.programEnded(othersLive: false, outputIsOpen: true) == [.allowDraining])
    }

    @Test func aProgramThatDiesOfTERMDoesNotCostTheOthersTheirGrace() {
        let stopped = group { _ = $0.stop() }
        for outputIsOpen in [true, false] {
            var group = stopped
            #expect(group.programEnded(othersLive: true, outputIsOpen: outputIsOpen) == [.lookAgain])
            #expect(group.phase == .lingering(isStopping: true))
            #expect(group.outputEnded(othersLive: true) == [])
            #expect(group.timeIsUp(outputIsOpen: false) == [.kill, .finish])
        }
        var alone = stopped
        #expect(alone.programEnded(othersLive: false, outputIsOpen: false) == [.finish])
        var soonAlone = stopped
        _ = soonAlone.programEnded(othersLive: true, outputIsOpen: true)
        var unread = soonAlone
        #expect(soonAlone.outputEnded(othersLive: false) == [.finish])
        #expect(unread.looked(othersLive: true, outputIsOpen: true) == [.lookAgain])
        #expect(unread.looked(othersLive: false, outputIsOpen: true) == [.allowDraining])
        #expect(unread.looked(othersLive: false, outputIsOpen: true) == [])
    }

    @Test func aStopAfterTheProgramsEndHurriesThoseWhoAreLeft() {
        var group = group { _ = $0.programEnded(othersLive: true, outputIsOpen: true) }
        #expect(group.stop() == [.terminate])
        #expect(!group.wasStopped, "the program had ended by itself")
        #expect(group.stop() == [])
        #expect(group.timeIsUp(outputIsOpen: false) == [.kill, .finish])
    }

    @Test func aKillDoesNotWait() {
        for before in [group { _ in }, group { _ = $0.stop() }] {
            var group = before
            #expect(group.kill(outputIsOpen: true) == [.kill])
            #expect(group.wasStopped && group.kill(outputIsOpen: true) == [])
            #expect(group.programEnded(othersLive: false, outputIsOpen: false) == [.finish])
        }
        var left = group { _ = $0.programEnded(othersLive: true, outputIsOpen: true) }
        #expect(left.kill(outputIsOpen: true) == [.kill, .allowDraining])
        #expect(!left.wasStopped)
    }

    @Test func nothingHappensAfterTheEnd() {
        let over = group { _ = $0.programEnded(othersLive: false, outputIsOpen: false) }
        for event: (inout ProgramGroup) -> [ProgramGroup.Action] in [
            { $0.stop() }, { $0.kill(outputIsOpen: true) }, { $0.programEnded(othersLive: true, outputIsOpen: true) },
            { $0.outputEnded(othersLive: true) },
            { $0.timeIsUp(outputIsOpen: true) }, { $0.looked(othersLive: false, outputIsOpen: true) },
        ] {
            var group = over
            #expect(event(&group) == [] && group == over)
        }
    }
}
