import CorundLoop
import Foundation
import Testing

@testable import Varlink

/// Compares the grammar with Foundation's on texts that are nearly right.
@Suite("JSON against random mutation")
struct JSONMutationTests {
    /// Bytes that matter to the grammar, so that mutations are not all refused at once.
    private static let alphabet =
        Array("{}[]:,\"\\ \n0123456789-+.eEtruefalsnd/bu\u{1}é😀\u{7F}".utf8) + [0x80, 0xC0, 0xED]

    private static func mutate(_ document: [UInt8], using random: inout SplitMix64) -> [UInt8] {
        var text = document
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0..<max(text.count, 1), using: &random)
            let byte = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            switch Int.random(in: 0..<4, using: &random) {
            case 0 where !text.isEmpty: text[place] = byte
            case 1 where !text.isEmpty: text.remove(at: place)
            case 2 where text.count > 2:
                let end = Int.random(in: place..<text.count, using: &random)
                text.append(contentsOf: text[place..<end])
            default: text.insert(byte, at: place)
            }
        }
        return text
    }

    private static let seeds = [
        JSONSamples.request, JSONSamples.everything, "[1,2]", #"{"a":1}"#, "-1.5e+3", #""\ud83d\ude00\n""#,
        #"["é",null]"#,
    ]

    /// Where Foundation's grammar is not the RFC's: it allows a comma before a closing bracket or brace, and refuses
    /// numbers that overflow a `Double`, which the grammar allows and only our decoder refuses.
    private static func isKnownDifference(_ ours: Result<RawJSON, any Error>) -> Bool {
        switch ours {
        case .success(let value):
            return (try? value.decode(JSONTree.self)) == nil
        case .failure(let error):
            let brackets = [UInt8(ascii: "]"), UInt8(ascii: "}")]
            guard case .unexpected(let found, .value) = (error as? JSONError)?.reason else {
                return (error as? JSONError)?.reason == .unexpected(found: UInt8(ascii: "}"), expected: .memberName)
            }
            return brackets.contains(found)
        }
    }

    @Test("agrees with JSONSerialization on what is valid, and never crashes", arguments: seeds)
    func agreesWithFoundation(_ seed: String) {
        var random = SplitMix64(seed: 42)
        var accepted = 0
        for _ in 0..<1_500 {
            let text = Self.mutate(Array(seed.utf8), using: &random)
            let ours = Result { try RawJSON(validating: text, maximumDepth: 512) }
            let theirs = (try? JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed)) != nil
            if Self.isKnownDifference(ours) { continue }
            let isAccepted = (try? ours.get()) != nil
            #expect(isAccepted == theirs, "\(String(decoding: text, as: UTF8.self)) \(text)")
            if isAccepted { accepted += 1 }
        }
        #expect(accepted > 0, "the mutations are too wild to say anything")
    }

    @Test("what is accepted decodes without a fault of the scanner")
    func acceptedTextDecodes() throws {
        var random = SplitMix64(seed: 7)
        for seed in Self.seeds {
            for _ in 0..<500 {
                let text = Self.mutate(Array(seed.utf8), using: &random)
                guard let raw = try? RawJSON(validating: text) else { continue }
                let tree = try raw.decode(JSONTree.self)
                #expect(try RawJSON(encoding: tree).decode(JSONTree.self) == tree)
            }
        }
    }

    @Test("decoding bytes that were never validated throws and stays in bounds")
    func uncheckedTextIsSafe() {
        var random = SplitMix64(seed: 9)
        for _ in 0..<3_000 {
            let text = Self.mutate(Array(JSONSamples.everything.utf8.prefix(80)), using: &random)
            _ = try? RawJSON(unchecked: text).decode(JSONTree.self)
        }
        _ = try? RawJSON(unchecked: []).decode(JSONTree.self)
        for text in ["\"", "[", "{\"", "-", "{\"a\":", "tru"] {
            _ = try? RawJSON(unchecked: Array(text.utf8)).decode(JSONTree.self)
        }
    }
}
