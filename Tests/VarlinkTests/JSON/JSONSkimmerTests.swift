import Testing

@testable import Varlink

@Suite("The second look at a validated object")
struct JSONSkimmerTests {
    private typealias Member = (name: String, value: String)

    private static func skim(_ bytes: [UInt8]) -> [Member] {
        bytes.withUnsafeBufferPointer { text in
            var skimmer = JSONSkimmer(text)
            var members: [Member] = []
            while let (name, value) = skimmer.nextMember() {
                members.append((name.string, String(decoding: text[value], as: UTF8.self)))
            }
            return members
        }
    }

    private static func scan(_ bytes: [UInt8]) throws -> [Member] {
        try bytes.withUnsafeBufferPointer { text in
            var scanner = JSONScanner(text)
            var members: [Member] = []
            try scanner.scanObject { members.append(($0.string, String(decoding: text[$1], as: UTF8.self))) }
            return members
        }
    }

    @Test(
        "finds what the first look found",
        arguments: [
            "{}", " { } ", #"{"a":1}"#, #" { "a" : -1.5e3 , "b":"x" } "#, #"{"a":[1,[2,{"b":"]}"}]],"c":null}"#,
            #"{"a\"b":"c\\","d\\":"\\\"","":"","e":{"f":{"g":[]}}}"#, #"{"a":true,"b":false ,"c" :"é\u00e9😀"}"#,
            "{\n\t\"a\"\t:\n{\"a\":{}}\r}", #"{"job":"echo","arguments":{"seq":1,"data":"xxx\"}xx"},"keep":false}"#,
        ])
    func agreesWithTheScanner(text: String) throws {
        let (skimmed, scanned) = (Self.skim(Array(text.utf8)), try Self.scan(Array(text.utf8)))
        #expect(skimmed.map(\.name) == scanned.map(\.name))
        #expect(skimmed.map(\.value) == scanned.map(\.value))
    }

    @Test("agrees with the first look on any object of random members")
    func agreesOnRandomObjects() throws {
        var random = SplitMix64(seed: 17)
        let pieces = ["{", "}", "[", "]", ":", ",", "\\\"", "\\\\", "a", " ", "é", "\\u0041"]
        for _ in 0..<2000 {
            let members = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                let name = Self.text(of: pieces, &random)
                let values = [name, "1", "[\(name),{\(name):[]}]", "null", "-0.5E+7"]
                let value = values.randomElement(using: &random) ?? "1"
                return "\(name) : \(value)"
            }
            let bytes = Array("{\(members.joined(separator: " ,"))}".utf8)
            let (skimmed, scanned) = (Self.skim(bytes), try Self.scan(bytes))
            #expect(skimmed.map(\.name) == scanned.map(\.name))
            #expect(skimmed.map(\.value) == scanned.map(\.value))
        }
    }

    @Test("stays within the text whatever the text is")
    func staysInside() {
        var random = SplitMix64(seed: 18)
        let alphabet = Array(#"{}[]":,\ a1"#.utf8)
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0...24, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            // An array of exactly this size, so that a sanitizer sees a step outside.
            _ = Self.skim(bytes)
        }
    }

    private static func text(of pieces: [String], _ random: inout SplitMix64) -> String {
        let body = (0..<Int.random(in: 0...5, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
        return "\"\(body.joined())\""
    }
}
