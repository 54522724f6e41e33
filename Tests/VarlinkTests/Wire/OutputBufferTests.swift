import CLinux
import CorundLoop
import Glibc
import SystemPackage
import Testing

@testable import Varlink

@Suite("Output buffer")
struct OutputBufferTests {
    /// Two connected sockets that hold little, and never wait.
    private final class Pair {
        let near: Descriptor
        private let number: CInt
        private var far: Descriptor?

        init() throws {
            var pair: [CInt] = [-1, -1]
            try SystemCallError.check(
                socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &pair), "socketpair")
            near = Descriptor(owning: pair[0])
            number = pair[1]
            far = Descriptor(owning: pair[1])
            var size: CInt = 4096
            setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<CInt>.size))
        }

        func read(atMost count: Int) -> [UInt8] {
            var buffer = [UInt8](repeating: 0, count: count)
            return Array(buffer[..<max(0, recv(number, &buffer, count, 0))])
        }

        func closeFar() { far = nil }
    }

    @Test("writes all, in order, in as many steps as the socket asks for", arguments: UInt64(0)..<10)
    func writesAll(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let pair = try Pair()
        var output = OutputBuffer()
        var (sent, received) = ([UInt8](), [UInt8]())
        for _ in 0..<100 {
            let piece = (0..<Int.random(in: 0..<3000, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            output.writer.bytes.append(contentsOf: piece)
            sent += piece
            let isEmpty = try output.write(to: pair.near.number)
            #expect(isEmpty == output.isEmpty)
            received += pair.read(atMost: Int.random(in: 1..<4000, using: &random))
        }
        while try !output.write(to: pair.near.number) { received += pair.read(atMost: 4096) }
        while case let rest = pair.read(atMost: 4096), !rest.isEmpty { received += rest }
        #expect(received == sent)
        #expect(output.isEmpty)
        #expect(output.count == 0)
    }

    @Test("takes no more memory than what is unsent, however long it never runs empty")
    func staysSmallUnderSteadyLoad() throws {
        let pair = try Pair()
        var output = OutputBuffer()
        var largest = 0
        let piece = [UInt8](repeating: 7, count: 16 << 10)
        let floor = 64 << 10
        output.writer.bytes.append(contentsOf: [UInt8](repeating: 7, count: floor))
        for _ in 0..<2000 {
            output.writer.bytes.append(contentsOf: piece)
            while output.count > floor {
                let isEmpty = try output.write(to: pair.near.number)
                try #require(!isEmpty)
                _ = pair.read(atMost: 16 << 10)
            }
            largest = max(largest, output.writer.bytes.capacity)
        }
        #expect(largest < 2 << 20)  // of 32 MiB that went through
    }

    @Test("gives back what a large burst took")
    func shrinks() throws {
        let pair = try Pair()
        var output = OutputBuffer()
        output.writer.bytes.append(contentsOf: [UInt8](repeating: 7, count: 4 << 20))
        while try !output.write(to: pair.near.number) { _ = pair.read(atMost: 64 << 10) }
        #expect(output.writer.bytes.capacity <= 256 << 10)
    }

    @Test("says that the other side is gone")
    func otherSideGone() throws {
        let pair = try Pair()
        pair.closeFar()
        var output = OutputBuffer()
        #expect(try output.write(to: pair.near.number))  // nothing to write, nothing to notice
        output.writer.byte(7)
        #expect(throws: SystemCallError("send", errno: .brokenPipe)) { try output.write(to: pair.near.number) }
    }
}
