import CorundCommandLine
import Testing

@Suite("Tables")
struct TableTests {
    private let columns: [Table.Column] = [.text("NAME"), .number("N"), .text("NOTE")]

    @Test("have aligned columns, numbers to the right, and no blanks at the end of a line")
    func alignment() {
        let rows: [[Table.Cell]] = [["a", Table.Cell(1), "first"], ["longer", Table.Cell(100), ""]]
        #expect(
            Table.lines(columns, rows, .plain) == [
                "NAME      N  NOTE",
                "a         1  first",
                "longer  100",
            ])
    }

    @Test("count columns of the terminal, and colours as none")
    func width() {
        let rows: [[Table.Cell]] = [["漢字", Table.Cell(1), "x"], [Table.Cell("ab", .green), Table.Cell(2), "y"]]
        #expect(
            Table.lines(columns, rows, Style(isColoured: true)) == [
                "\u{1B}[1mNAME\u{1B}[0m  \u{1B}[1mN\u{1B}[0m  \u{1B}[1mNOTE\u{1B}[0m",
                "漢字  1  x",
                "\u{1B}[32mab\u{1B}[0m    2  y",
            ])
    }

    @Test("keep each row on its line")
    func controlCharacters() {
        #expect(Table.lines([.text("A")], [["x\ny\u{1B}[2J"]], .plain)[1] == #"x\ny\u{1B}[2J"#)
    }

    @Test("come in pages under one line of titles, and never become narrower")
    func pages() {
        var table = Table(columns)
        #expect(table.lines([["wide one", Table.Cell(1), "x"]], .plain) == ["NAME      N  NOTE", "wide one  1  x"])
        #expect(table.lines([["b", Table.Cell(2), "y"]], .plain) == ["b         2  y"])
        #expect(table.lines([], .plain) == [])
    }

    @Test("cut their last column on a terminal, and nothing of the others")
    func terminal() {
        let rows: [[Table.Cell]] = [["name", Table.Cell(1), "a rather long note"], ["other", Table.Cell(2), "short"]]
        #expect(
            Table.lines(columns, rows, .plain, terminalWidth: 22) == [
                "NAME   N  NOTE", "name   1  a rather lo…", "other  2  short",
            ])
        #expect(Table.lines(columns, rows, .plain, terminalWidth: 5)[1] == "name   1  a rathe…")
        #expect(Table.lines(columns, rows, .plain)[1] == "name   1  a rather long note")
    }

    @Test("without rows are their titles")
    func empty() {
        #expect(Table.lines(columns, [], .plain) == ["NAME  N  NOTE"])
    }
}
