import Testing

@testable import CorundService

struct TOMLLocatorTests {
    private func places(_ text: String) -> [String] {
        TOMLLocator.entries(of: text).map { "\($0.line) \($0.path.joined(separator: "|"))" }
    }

    @Test func keysAreFoundOnTheirLines() {
        #expect(places("a = 1\n\n  b-c = 2\r\nd=3") == ["1 a", "3 b-c", "4 d"])
    }

    @Test func aByteOrderMarkIsNoPartOfTheFirstKey() {
        #expect(places("\u{FEFF}a = 1\n[b]") == ["1 a", "2 b"])
    }

    @Test func commentsAreNotKeys() {
        #expect(places("# a = 1\nb = 2 # c = 3\n#\n") == ["2 b"])
    }

    @Test func quotedAndDottedKeysAreTakenApart() {
        let text = """
            "a b" = 1
            'c"d' = 2
            "e\\"\\u0066\\n" = 3
            g . "h.i" = 4
            "" = 5
            """
        #expect(places(text) == ["1 a b", "2 c\"d", "3 e\"f\n", "4 g|h.i", "5 "])
    }

    @Test func whatStandsInStringsIsNotAKey() {
        let text = #"""
            a = "x # \" b = 1"
            c = 'x \'
            d = """
            e = 1
            \""" f = 2 ""\
            """
            g = '''
            h = "
            ''''
            i = """"quoted"""""
            j = 1
            """#
        #expect(places(text) == ["1 a", "2 c", "3 d", "7 g", "10 i", "11 j"])
    }

    @Test func whatStandsInArraysAndInlineTablesIsNotAKey() {
        let text = """
            a = [
              "]", # ]
              { b = 1 },
            ]
            c = { d = [1,
              2] }
            e = 1
            """
        #expect(places(text) == ["1 a", "5 c", "7 e"])
    }

    @Test func keysBelongToTheirTables() {
        let text = """
            a = 1
            [commands.backup] # [x]
            argv = ["b"]
            [ "x]y" ]
            [[list]]
            c = 2
            """
        #expect(places(text) == ["1 a", "2 commands|backup", "3 commands|backup|argv", "4 x]y", "5 list", "6 list|c"])
    }

    @Test(arguments: [
        "", "\n", "a", "=", "a =", "a = \"", "a = \"\"\"", "a = \"\\", "a = \"\\u12", "[", "[a", "]", "a = [",
        "a = }\nb",
        "\"", "'''", "a = \"\\UFFFFFFFF\"", "\u{feff}a = 1", ".=.", "#", "a = 1 2\n= =\n",
    ])
    func whatIsNotTOMLNeverTrapsNorHangs(text: String) {
        _ = TOMLLocator.entries(of: text)
    }
}

struct SpellingTests {
    private let known = Configuration.keys.map(\.name)

    @Test(arguments: [
        ("drain-timout", "drain-timeout"), ("drain_timeout", "drain-timeout"), ("Debug", "debug"),
        ("queuelength", "queue-length"), ("connection-per-user", "connections-per-uid"), ("log-lvl", "log-level"),
        ("socket-", "socket"),
    ])
    func aMisspelledKeyIsRecognised(word: String, key: String) {
        #expect(Spelling.nearest(to: word, among: known) == key)
    }

    @Test(arguments: ["", "x", "commands", "listen-address", String(repeating: "debug", count: 10_000)])
    func aStrangeKeyIsNot(word: String) {
        #expect(Spelling.nearest(to: word, among: known) == nil)
    }
}
