import CorundAPI
import Testing
import Varlink

/// What one client does wrong costs nobody else anything.
struct BadInputTests {
    private static func deep(_ depth: Int) -> String {
        let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        return #"{"method":"io.corund.Jobs.Run","parameters":{"job":"echo","arguments":\#(nested)}}"#
    }

    @Test(arguments: [
        "", "hello", "{", "{}", "[]", "null", "{\"method\":", #"{"method":5}"#, #"{"method":"a.b","more":1}"#,
        #"{"method":"io.corund.Jobs.Run","parameters":{"job":"echo"}} trailing"#,
        #"{"method":"io.corund.Jobs.Run","parameters":{"job":"\#u{1}"}}"#, deep(100), deep(100_000),
    ])
    func whatIsNoCallEndsTheConnectionAndNoOther(text: String) throws {
        try TestDaemon.run { daemon in
            let (good, bad) = (try daemon.connect(), try daemon.connect())
            #expect(try good.isServed())
            bad.send(text)
            #expect(try bad.isClosedByPeer())
            #expect(try good.isServed())
            #expect(try daemon.connect().isServed())
        }
    }

    @Test func whatWasAskedBeforeIsAnsweredFirst() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            client.start("Jobs.Run", #"{"job":"sleep","arguments":{"seconds":0.1}}"#)
            client.send("nonsense")
            #expect(try client.receive().error == nil)
            #expect(try client.isClosedByPeer())
        }
    }

    @Test func bytesThatAreNoUTF8EndTheConnection() throws {
        try TestDaemon.run { daemon in
            let (good, bad) = (try daemon.connect(), try daemon.connect())
            bad.send(
                Array(#"{"method":"io.corund.Jobs.Run","parameters":{"job":""#.utf8) + [0xC3, 0x28]
                    + Array(#""}}"#.utf8) + [0])
            #expect(try bad.isClosedByPeer())
            #expect(try good.isServed())
        }
    }

    @Test func nestingIsAllowedUpToTheLimit() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            client.send(Self.deep(62))  // and two objects around it
            #expect(try client.receive().error == nil)
            client.send(Self.deep(63))
            #expect(try client.isClosedByPeer())
        }
    }

    @Test(arguments: [false, true])
    func aMessageThatIsTooLargeEndsTheConnection(hasEnd: Bool) throws {
        try TestDaemon.run("message-size = 4096") { daemon in
            let (good, bad) = (try daemon.connect(), try daemon.connect())
            bad.send(Array(repeating: UInt8(ascii: " "), count: 100_000) + (hasEnd ? [0] : []))
            #expect(try bad.isClosedByPeer())
            #expect(try good.isServed())
        }
    }

    @Test func halfAMessageAndSilenceDisturbsNobody() throws {
        try TestDaemon.run { daemon in
            let silent = try (0..<20).map { _ in try daemon.connect() }
            for client in silent { client.send(Array(#"{"method":"io.corund.Jo"#.utf8)) }
            let good = try daemon.connect()
            for _ in 0..<100 { #expect(try good.isServed()) }
            silent[0].send(#"bs.Run","parameters":{"job":"echo","arguments":[1]}}"#)
            #expect(try silent[0].receive().text == #"{"parameters":{"result":[1]}}"#)
            silent[1].finishSending()
            #expect(try silent[1].isClosedByPeer())
        }
    }

    /// It is read no further when it has too much unread, and the daemon keeps no more for it than its limit.
    @Test func aReaderThatNeverReadsDisturbsNobody() throws {
        try TestDaemon.run { daemon in
            let good = try daemon.connect()
            let before = try good.statistics().residentBytes
            let lazy = try (0..<4).map { _ in try LazyReader(path: daemon.socket) }
            let call =
                Array(
                    #"{"method":"io.corund.Jobs.Run","parameters":{"job":"echo","arguments":"\#(String(repeating: "x", count: 10_000))"}}"#
                        .utf8) + [0]
            for reader in lazy { reader.fill(with: call) }
            for _ in 0..<100 { #expect(try good.isServed()) }
            #expect(try good.statistics().residentBytes - before < 100 << 20)
            #expect(try good.statistics().connections == 5)
        }
    }

    @Test func aStormOfConnectionsIsServed() throws {
        try TestDaemon.run("connections-per-uid = 50") { daemon in
            let clients = try (0..<50).map { _ in try daemon.connect() }
            for client in clients { #expect(try client.isServed()) }
            #expect(try daemon.connect().isClosedByPeer())
            clients[0].close()
            #expect(try clients[1].isServed())
            // There is room again once the daemon has seen the hang-up.
            let deadline = ContinuousClock.now + Program.guardTime
            while try clients[1].statistics().connections == 50 { try #require(ContinuousClock.now < deadline) }
            #expect(try daemon.connect().isServed())
        }
    }
}
