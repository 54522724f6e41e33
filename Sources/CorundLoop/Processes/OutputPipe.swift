import Glibc

/// Our end of the pipe that a program writes one of its streams to.
final class OutputPipe {
    let stream: StandardStream
    /// Its number; as long as it is open.
    let number: CInt
    private var descriptor: Descriptor?

    /// Bytes that are read at once at most: half of what a pipe holds.
    private static let pieceSize = 32 << 10

    init(_ stream: StandardStream, _ descriptor: consuming Descriptor) {
        self.stream = stream
        number = descriptor.number
        self.descriptor = consume descriptor
    }

    /// Whether there may be more to read.
    var isOpen: Bool { descriptor != nil }

    /// What is there, some of it; empty at the end; nil when nothing is there now.
    func read() -> [UInt8]? {
        var errorNumber: CInt = 0
        let piece = [UInt8](unsafeUninitializedCapacity: Self.pieceSize) { buffer, count in
            var result = Glibc.read(number, buffer.baseAddress, Self.pieceSize)
            while result < 0, errno == EINTR { result = Glibc.read(number, buffer.baseAddress, Self.pieceSize) }
            if result < 0 { errorNumber = errno }
            count = max(0, result)
        }
        return errorNumber == EAGAIN ? nil : piece  // there is no other error of a pipe
    }

    func close() {
        descriptor = nil
    }
}
