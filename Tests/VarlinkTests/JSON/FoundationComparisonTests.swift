import CorundLoop
import Foundation
import Testing

@testable import Varlink

/// Checks that the coders mean the same JSON as Foundation's, value by value.
@Suite("JSON coders against Foundation's")
struct FoundationComparisonTests {
    private enum Priority: Int, Codable { case low = -1, normal, high }
    private enum Shape: Codable, Equatable {
        case circle(radius: Double)
        case polygon([Point], closed: Bool)
        case nothing
    }
    private struct Point: Codable, Equatable { var x: Double, y: Float }
    private final class Node: Codable, Equatable {
        var name: String
        var children: [Node]
        init(_ name: String, _ children: [Node] = []) { (self.name, self.children) = (name, children) }
        static func == (left: Node, right: Node) -> Bool {
            left.name == right.name && left.children == right.children
        }
    }
    private struct Sink: Codable, Equatable {
        var text = "he said \"hi\"\\\n\t\u{1} é 日本 😀 / \u{7F}"
        var integers: [Int64] = [.min, -1, 0, 1, .max]
        var unsigned: UInt64 = .max
        var small: [Int8] = [-128, 127]
        var doubles = [0, -1.5, 0.1, 1e21, 1e-7, .greatestFiniteMagnitude, .leastNonzeroMagnitude]
        var flag = true
        var nothing: Int?
        var something: String? = ""
        var optionals: [Int?] = [1, nil]
        var table = ["a": [1, 2], "": [], "ключ\n": [3]]
        var numbered = [1: "one", -2: "minus two"]
        var priority = Priority.low
        var shapes: [Shape] = [.circle(radius: 1), .polygon([Point(x: 1, y: 0.1)], closed: false), .nothing]
        var tree = Node("root", [Node("leaf"), Node("branch", [Node("leaf")])])
        var bytes: Set<UInt8> = [7]
        var range = 1..<5
        var identifier = UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16))
    }

    @Test("what we encode, Foundation decodes")
    func foundationReadsOurs() throws {
        let raw = try RawJSON(encoding: Sink())
        #expect(try JSONDecoder().decode(Sink.self, from: Data(raw.bytes)) == Sink())
        #expect(try RawJSON(validating: raw.bytes) == raw)
    }

    @Test(
        "what Foundation encodes, we decode", arguments: [JSONEncoder.OutputFormatting(), .prettyPrinted, .sortedKeys])
    func weReadFoundations(_ formatting: JSONEncoder.OutputFormatting) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        let raw = try RawJSON(validating: encoder.encode(Sink()))
        #expect(try raw.decode(Sink.self) == Sink())
    }

    @Test("both decode the same from the same text")
    func sameMeaning() throws {
        var random = SplitMix64(seed: 3)
        for _ in 0..<200 {
            let tree = Self.randomTree(depth: 4, using: &random)
            let raw = try RawJSON(encoding: tree)
            #expect(try raw.decode(JSONTree.self) == tree)
            #expect(try JSONDecoder().decode(JSONTree.self, from: Data(raw.bytes)) == tree)
        }
    }

    @Test(
        "fields are refused by both or by neither",
        arguments: ["1", "1.0", "1.5", "\"1\"", "true", "null", "[]", "{}", "300", "-1"])
    func sameRefusals(_ text: String) throws {
        func check<T: Decodable & Equatable & Sendable>(_ type: T.Type) {
            let wrapped = "{\"value\":\(text)}"
            let ours = try? RawJSON(validating: wrapped).decode([String: T].self)
            let theirs = try? JSONDecoder().decode([String: T].self, from: Data(wrapped.utf8))
            #expect(ours == theirs, "\(type) from \(text)")
        }
        check(Int.self)
        check(UInt8.self)
        check(Double.self)
        check(Bool.self)
        check(String.self)
        check(Int?.self)
        check([Int].self)
        check([String: Int].self)
        check(Priority.self)
        check(Point.self)
    }

    private static func randomTree(depth: Int, using random: inout SplitMix64) -> JSONTree {
        switch Int.random(in: 0..<(depth > 0 ? 6 : 4), using: &random) {
        case 0: return .null
        case 1: return .boolean(.random(using: &random))
        case 2:
            return .number(
                Double(bitPattern: random.next()).isFinite ? Double(Int32(truncatingIfNeeded: random.next())) / 8 : 0)
        case 3: return .string(String(random.next(), radix: 36) + ["", "\n", "é\"", "😀\\"][Int(random.next() % 4)])
        case 4: return .array((0..<Int(random.next() % 5)).map { _ in randomTree(depth: depth - 1, using: &random) })
        default:
            var members: [String: JSONTree] = [:]
            for _ in 0..<Int(random.next() % 24) {
                members["k\(random.next() % 50)"] = randomTree(depth: depth - 1, using: &random)
            }
            return .object(members)
        }
    }
}
