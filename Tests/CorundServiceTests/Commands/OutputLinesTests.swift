import CorundLoop
import Testing

@testable import CorundService

struct OutputLinesTests {
    private static func lines(_ pieces: [String], limit: Int = 48 << 10) -> [String] {
        lines(pieces.map { Array($0.utf8) }, limit: limit)
    }

    private static func lines(_ pieces: [[UInt8]], limit: Int) -> [String] {
        var lines: [String] = []
        var cutter = OutputLines(limit: limit)
        let take = { (line: ArraySlice<UInt8>) in lines.append(String(decoding: line, as: UTF8.self)) }
        for piece in pieces { cutter.append(piece, take) }
        cutter.finish(take)
        cutter.finish(take)
        return lines
    }

    @Test(arguments: [
        ("one\ntwo\n", ["one", "two"]), ("one\ntwo", ["one", "two"]), ("", []), ("\n", []),
        ("one\n\n\r\n  \ntwo", ["one", "  ", "two"]), ("a\r\nb\r", ["a", "b"]), ("10%\r20%\n", ["10%\r20%"]),
        ("a\0b\n", ["a\0b"]), ("12345678", ["12345678"]), ("12345678\n9", ["12345678", "9"]),
        ("12345678\r\n9", ["12345678", "9"]), ("1234567890\n", ["12345678", "90"]),
        ("1234567\u{e9}x\n", ["1234567", "\u{e9}x"]), ("12345\u{1F600}\n", ["12345", "\u{1F600}"]),
        ("12345678\r\r\n", ["12345678", "\r"]),
    ])
    func aStreamIsCutIntoLines(text: String, lines: [String]) {
        #expect(Self.lines([text], limit: 8) == lines)
    }

    @Test func theSameLinesComeHoweverTheStreamIsCut() {
        var random = SplitMix64(seed: 17)
        for _ in 0..<2000 {
            let length = Int.random(in: 0...40, using: &random)
            let alphabet = Array("ab\r\n\n".utf8) + Array("\u{e9}\u{1F600}".utf8) + [0, 0xFF]
            let stream = (0..<length).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            let whole = Self.lines([stream], limit: 8)
            var pieces: [[UInt8]] = []
            var rest = stream[...]
            while !rest.isEmpty {
                pieces.append(Array(rest.prefix(Int.random(in: 1...9, using: &random))))
                rest = rest.dropFirst(pieces.last?.count ?? 0)
            }
            #expect(Self.lines(pieces, limit: 8) == whole, "\(stream)")
            #expect(whole.allSatisfy { !$0.isEmpty && !$0.utf8.contains(UInt8(ascii: "\n")) })
        }
    }

    @Test func whatIsNoTextIsShownAsSuch() {
        #expect(Self.lines([[0x61, 0xFF, 0x62, 0x0A]], limit: 8) == ["a\u{FFFD}b"])
        #expect(Self.lines([[UInt8](repeating: 0x80, count: 20)], limit: 8).map(\.count) == [8, 8, 4])
    }

    @Test func aLineWithoutAnEndTakesNoMoreThanTheLimit() {
        var cutter = OutputLines()
        var lengths: [Int] = []
        for _ in 0..<32 { cutter.append([UInt8](repeating: 0x78, count: 32 << 10)) { lengths.append($0.count) } }
        #expect(lengths == Array(repeating: 48 << 10, count: 21))
    }
}

struct LineAllowanceTests {
    /// What becomes of a line at each of these seconds.
    private func admitted(_ seconds: [Int64], by allowance: inout LineAllowance) -> [Bool] {
        seconds.map { allowance.admits(at: LoopTime(nanoseconds: $0 * 1_000_000_000)) }
    }

    @Test func soManyLinesAreAdmittedInAPeriodAndTheOthersCounted() {
        var allowance = LineAllowance(lines: 3, period: .seconds(30))
        let answers = admitted([100, 101, 102, 103, 129, 130], by: &allowance)
        #expect(answers == [true, true, true, false, false, true])
        let leftOut = [allowance.takeLeftOut(), allowance.takeLeftOut()]
        #expect(leftOut == [2, 0])
    }

    @Test func aPeriodBeginsWithItsFirstLine() {
        var allowance = LineAllowance(lines: 2, period: .seconds(30))
        let answers = admitted([0, 29, 30, 31, 59, 60], by: &allowance)
        #expect(answers == [true, true, true, true, false, true])
    }
}
