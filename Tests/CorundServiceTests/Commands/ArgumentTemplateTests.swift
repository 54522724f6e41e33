import Testing

@testable import CorundService

struct ArgumentTemplateTests {
    @Test(arguments: [
        ("", [] as [ArgumentTemplate.Piece], ""), ("plain", [.text("plain")], "plain"),
        ("{a}", [.placeholder("a")], "A"),
        ("--a={a}.gz", [.text("--a="), .placeholder("a"), .text(".gz")], "--a=A.gz"),
        ("{a}{b-c}", [.placeholder("a"), .placeholder("b-c")], "AB C"), ("{{a}}", [.text("{a}")], "{a}"),
        ("{{{a}}}", [.text("{"), .placeholder("a"), .text("}")], "{A}"), ("{{}}", [.text("{}")], "{}"),
        ("é{a}é", [.text("é"), .placeholder("a"), .text("é")], "éAé"),
    ])
    func placeholdersAreFilledInPlace(element: String, pieces: [ArgumentTemplate.Piece], filled: String) throws {
        let template = try ArgumentTemplate(parsing: element)
        #expect(template.pieces == pieces)
        #expect(template.fill(["a": "A", "b-c": "B C"]) == filled)
    }

    @Test func whatIsFilledInIsNotReadAgain() throws {
        #expect(try ArgumentTemplate(parsing: "{a}").fill(["a": "{a}{{"]) == "{a}{{")
    }

    @Test(arguments: ["{", "}", "{}", "{a", "a}", "{a b}", "{a}}", "{{a}", "{a{b}}", "{ä}"])
    func aLoneBraceIsRefused(element: String) {
        #expect(throws: ArgumentTemplate.ParseError.self) { try ArgumentTemplate(parsing: element) }
    }
}
