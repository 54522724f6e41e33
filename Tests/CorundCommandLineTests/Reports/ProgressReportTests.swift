import CorundCommandLine
import Testing

@Suite("Progress")
struct ProgressReportTests {
    private static let lines: [(Double?, String)] = [
        (0, "job 17  [>                   ]  0%  1m05s  note"),
        (0.5, "job 17  [==========>         ]  50%  1m05s  note"),
        (1, "job 17  [====================]  100%  1m05s  note"),
        (7, "job 17  [====================]  100%  1m05s  note"),
        (-1, "job 17  [>                   ]  0%  1m05s  note"),
        (.nan, "job 17  [>                   ]  ?%  1m05s  note"),
        (nil, "job 17  1m05s  note"),
    ]

    @Test("is a bar, a number, the time and what the job says", arguments: lines)
    func line(fraction: Double?, text: String) {
        let report = ProgressReport(title: "job 17", fraction: fraction, note: "note", elapsed: .milliseconds(65_900))
        #expect(report.line(width: 80) == text)
    }

    @Test("fits on a line, without a bar on a narrow one", arguments: [0, 1, 10, 40, 59, 60, 61])
    func width(columns: Int) {
        let note = String(repeating: "long ", count: 20)
        let line = ProgressReport(title: "job 17", fraction: 0.5, note: note).line(width: columns)
        #expect(line.displayWidth <= columns)
        #expect(line.contains("[") == (columns >= 60))
    }
}
