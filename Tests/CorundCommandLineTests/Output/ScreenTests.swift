import CorundCommandLine
import Testing

@Suite("Blocks on a screen")
struct ScreenTests {
    @Test("come one below the other")
    func below() {
        var screen = Screen(isInPlace: false)
        #expect(screen.lines(["a", "b"]) == ["a", "b"])
        #expect(screen.lines(["c"]) == ["", "c"])
    }

    @Test("or each in the place of the one before, of which nothing is left")
    func inPlace() {
        var screen = Screen(isInPlace: true)
        #expect(screen.lines(["a", "b"]) == ["\u{1B}[H\u{1B}[2Ja\u{1B}[K", "b\u{1B}[K", "\u{1B}[J"])
        #expect(screen.lines(["c"]) == ["\u{1B}[Hc\u{1B}[K", "\u{1B}[J"])
        #expect(screen.lines([]) == ["\u{1B}[H\u{1B}[J"])
    }
}
