import Testing

@testable import Varlink

@Suite("Server: back-pressure")
struct BackPressureTests {
    private let test = "org.example.Test"

    @Test("10,000 calls sent at once are all answered, in order, eight at a time", arguments: ["Echo", "Now"])
    func pipeline(_ method: String) throws {
        var limits = ServerLimits()
        limits.callsInFlight = 8
        limits.unsentBytes = 4096  // for `Now`, which is answered at once: the other reason not to read on
        try TestServer.run(limits: limits) { server in
            let client = try server.client()
            let calls = (0..<10_000).map { RawClient.call("\(test).\(method)", #"{"value":"\#($0)"}"#) + "\0" }
            let bytes = Array(calls.joined().utf8)
            try client.exchange(bytes, replies: 10_000) { number, reply in
                #expect(reply == #"{"parameters":{"value":"\#(number)"}}"#)
            }
        }
    }

    @Test("no more calls than the limit are at work, also oneway ones, and reading goes on when one ends")
    func callsInFlight() throws {
        var limits = ServerLimits()
        limits.callsInFlight = 3
        try TestServer.run(limits: limits) { server in
            let client = try server.client()
            try client.call("\(test).Hold", #"{"key":"0"}"#, #""oneway":true"#)
            for key in 1..<10 { try client.call("\(test).Hold", #"{"key":"\#(key)"}"#) }
            for key in 0..<10 {
                let last = min(9, key + 2)
                #expect(server.happenings.wait(for: "holds \(last)"))
                try server.expectServes()
                #expect(server.happenings.count(of: "holds ") == last + 1)
                try server.release("\(key)")
                #expect(server.happenings.wait(for: "released \(key)"))
            }
            #expect(try client.receive(9) == (1..<10).map { #"{"parameters":{"key":"\#($0)"}}"# })
        }
    }

    @Test("a client that is not read is not taken from either: the kernel stops it")
    func readingStops() throws {
        var limits = ServerLimits()
        limits.callsInFlight = 1
        try TestServer.run(limits: limits) { server in
            let client = try server.client()
            try client.call("\(test).Hold", #"{"key":"a"}"#)
            #expect(server.happenings.wait(for: "holds a"))
            let calls = Array(String(repeating: RawClient.call("\(test).Now") + "\0", count: 10_000).utf8)
            var taken = 0
            while taken < 100 << 20 {
                let count = client.sendWhatFits(calls)
                if count < 0, try server.unread() { break }
                taken += max(count, 0)
            }
            #expect(taken < 2 << 20)
        }
    }

    @Test("a stream waits for a client that does not read, and loses nothing")
    func streamWaits() throws {
        var limits = ServerLimits()
        limits.unsentBytes = 64 << 10
        try TestServer.run(limits: limits) { server in
            let client = try server.client()
            try client.call("\(test).Stream", #"{"count":3000,"size":10000}"#, #""more":true"#)
            #expect(server.happenings.wait(for: "part"))
            for _ in 0..<20 { try server.expectServes() }
            // 64 KiB in the server, and what the kernel holds.
            #expect(server.happenings.count(of: "part") < 200)
            let text = String(repeating: "x", count: 10_000)
            for number in 1...3000 {
                let end = number == 3000 ? "" : #","continues":true"#
                #expect(try client.receive() == #"{"parameters":{"number":\#(number),"text":"\#(text)"}\#(end)}"#)
            }
        }
    }

    @Test("a stream does not wait for replies that wait for it")
    func streamAndHeldReplies() throws {
        var limits = ServerLimits()
        limits.unsentBytes = 10_000
        try TestServer.run(limits: limits) { server in
            let client = try server.client()
            try client.call("\(test).HeldStream", #"{"count":50,"size":1000}"#, #""more":true"#)
            try client.call("\(test).Blob", #"{"count":7,"size":20000}"#)
            try server.expectServes()
            try server.release("stream")
            let replies = try client.receive(51)
            #expect(replies.dropLast().allSatisfy { $0.utf8.count < 2000 })
            #expect(replies[50].hasPrefix(#"{"parameters":{"number":7,"#))
        }
    }

    @Test("a stream behind an unanswered call waits, and goes on when that is answered")
    func heldStreamWaits() throws {
        var limits = ServerLimits()
        limits.unsentBytes = 10_000
        try TestServer.run(limits: limits) { server in
            let client = try server.client()
            try client.call("\(test).Hold", #"{"key":"a"}"#)
            try client.call("\(test).Stream", #"{"count":500,"size":1000}"#, #""more":true"#)
            #expect(server.happenings.wait(for: "part"))
            for _ in 0..<20 { try server.expectServes() }
            #expect(server.happenings.count(of: "part") < 20)
            try server.release("a")
            #expect(try client.receive(501).count == 501)
        }
    }

    @Test("a client that never reads is closed when its replies pass all bounds")
    func neverReads() throws {
        var limits = ServerLimits()
        limits.unsentBytes = 100_000
        limits.unsentBytesAtMost = 1_000_000
        try TestServer.run(limits: limits) { server in
            let client = try server.client()
            try client.call("\(test).Hold", #"{"key":"a"}"#)
            try client.call("\(test).Flood", #"{"count":2000,"size":10000}"#, #""more":true"#)
            #expect(server.faults.wait(for: "does not read its replies"))
            #expect(server.happenings.wait(for: "cancelled a"))
            try client.expectEnd()
        }
    }

    @Test("one reply may be larger than the bound, also with others behind it")
    func largeReply() throws {
        var limits = ServerLimits()
        limits.unsentBytesAtMost = 1_000_000
        try TestServer.run(limits: limits) { server in
            let client = try server.client()
            try client.call("\(test).Blob", #"{"count":1,"size":5000000}"#)
            try client.call("\(test).Blob", #"{"count":2,"size":10}"#)
            let replies = try client.receive(2)
            #expect(replies.map { $0.utf8.count > 5_000_000 } == [true, false])
            #expect(server.faults.all.isEmpty)
        }
    }

    @Test("a client that pipelines and never reads is read no further, and costs no more than the bound")
    func pipelinesAndNeverReads() throws {
        var limits = ServerLimits()
        limits.unsentBytes = 100_000
        try TestServer.run(limits: limits) { server in
            let client = try server.client()
            let call = Array((RawClient.call("\(test).Blob", #"{"count":1,"size":10000}"#) + "\0").utf8)
            let calls = Array(repeatElement(call, count: 1000).joined())
            var taken = 0
            while taken < 100 << 20 {
                let count = client.sendWhatFits(calls)
                if count < 0, try server.unread() { break }
                taken += max(count, 0)
            }
            #expect(taken < 2 << 20)
            try server.expectServes()
            #expect(server.faults.all.isEmpty)
        }
    }
}

extension TestServer {
    /// Whether the server has had the time to read, and did not: true, after some turns of its loop.
    fileprivate func unread() throws -> Bool {
        for _ in 0..<10 { try expectServes() }
        return true
    }
}
