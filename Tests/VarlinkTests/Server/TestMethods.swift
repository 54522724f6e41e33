import CorundRunner

@testable import Varlink

/// The methods that the tests call: `org.example.Test`.
final class TestMethods {
    private let loop: EventLoop
    private let happenings: Happenings
    private let released: LoopSignal
    private var releases: Set<String> = []

    struct Text: Codable { var value: String }
    struct Key: Codable { var key: String }
    struct Amount: Codable {
        var count: Int
        var size: Int
    }
    struct Numbers: Codable {
        struct Item: Codable { var amount: Int }
        var items: [Item]
        var name: String?
    }
    struct Part: Codable {
        var number: Int
        var text: String
    }
    struct Unencodable: Encodable { var ratio = Double.nan }
    struct Unforeseen: Error {}

    init(loop: EventLoop, happenings: Happenings) {
        self.loop = loop
        self.happenings = happenings
        released = LoopSignal(loop: loop)
    }

    static let description = "interface org.example.Test\n"

    var interface: Interface {
        var interface = Interface(name: "org.example.Test", description: Self.description, requirement: nil)
        addAnswers(to: &interface)
        addGates(to: &interface)
        addStreams(to: &interface)
        addFaults(to: &interface)
        interface.declareNotImplemented(["Later"])
        return interface
    }

    private func addAnswers(to interface: inout Interface) {
        interface.method("Echo") { (text: Text, _) in text }
        interface.method("Numbers") { (numbers: Numbers, _) in numbers }
        interface.method("Nothing") { (_: NoParameters, _) in NoParameters() }
        interface.handle("Now") { call in
            let parameters = RawJSON(unchecked: Array(call.parameters.text))
            call.reply.send { $0.raw(parameters) }
        }
        interface.handle("Blob") { call in
            guard let amount: Amount = try? call.decodeParameters() else { return call.reply.fail(.expectedMore) }
            call.reply.send(Part(number: amount.count, text: String(repeating: "x", count: amount.size)))
        }
        interface.handle("Twice") { call in
            call.reply.send(Text(value: "first"))
            call.reply.send(Text(value: "second"))
        }
        interface.method("WhoAmI") { (_: NoParameters, call) in
            [call.peer.processID, Int32(call.peer.userID), Int32(call.peer.groupID)].enumerated().reduce(into: [:]) {
                $0[["pid", "uid", "gid"][$1.offset]] = $1.element
            }
        }
    }

    private func addGates(to interface: inout Interface) {
        // Answers when `Release` was called with the same key.
        interface.method("Hold") { [self] (key: Key, _) in
            happenings.tell("holds \(key.key)")
            do {
                while !releases.contains(key.key) { try await released.wait() }
            } catch {
                happenings.tell("cancelled \(key.key)")
                throw error
            }
            happenings.tell("released \(key.key)")
            return key
        }
        // Would be answered more than once.
        interface.method("HoldOn") { [self] (key: Key, call) in
            call.reply.send(key, continues: true)
            happenings.tell("holds \(key.key)")
            while !releases.contains(key.key) { try await released.wait() }
            return key
        }
        interface.method("Release") { [self] (key: Key, _) in
            releases.insert(key.key)
            released.notify()
            return NoParameters()
        }
    }

    private func addStreams(to interface: inout Interface) {
        interface.stream("Stream") { [self] (amount: Amount, call) in
            try await stream(amount, call) { try await call.reply.waitForRoom() }
        }
        interface.stream("Flood") { [self] (amount: Amount, call) in try await stream(amount, call) {} }
        // Streams once `Release` was called with the key "stream".
        interface.stream("HeldStream") { [self] (amount: Amount, call) in
            while !releases.contains("stream") { try await released.wait() }
            return try await stream(amount, call) { try await call.reply.waitForRoom() }
        }
        // A stream that does not ask for `more`, as `method` allows.
        interface.method("Either") { (amount: Amount, call) in
            for number in 1..<amount.count { call.reply.send(Part(number: number, text: ""), continues: true) }
            return Part(number: amount.count, text: "")
        }
    }

    private func stream(_ amount: Amount, _ call: Call, _ pause: () async throws -> Void) async throws -> Part {
        let text = String(repeating: "x", count: amount.size)
        for number in 1..<amount.count {
            call.reply.send(Part(number: number, text: text), continues: true)
            happenings.tell("part")
            try await pause()
        }
        return Part(number: amount.count, text: text)
    }

    private func addFaults(to interface: inout Interface) {
        interface.method("Refuse") { (text: Text, _) -> NoParameters in
            throw VarlinkError("org.example.Test.Refused", parameters: try RawJSON(encoding: text))
        }
        interface.method("Break") { (_: NoParameters, _) -> NoParameters in throw Unforeseen() }
        interface.method("CancelItself") { (_: NoParameters, _) -> NoParameters in throw CancellationError() }
        interface.method("Unencodable") { (_: NoParameters, _) in Unencodable() }
    }
}
