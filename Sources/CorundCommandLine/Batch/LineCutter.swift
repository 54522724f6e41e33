/// Cuts what is read from a file into lines.
///
/// Pure. It holds no more than what was given last and one line.
package struct LineCutter {
    /// The longest line, in bytes.
    private let limit: Int
    private var buffer: [UInt8] = []
    private var start = 0

    package struct LineTooLong: Error, Equatable {}

    package init(limit: Int) {
        self.limit = limit
    }

    package mutating func append(_ bytes: some Collection<UInt8>) {
        buffer.removeSubrange(..<start)
        start = 0
        buffer += bytes
    }

    /// The next line, without its end; nil while there is no whole one.
    package mutating func next() throws(LineTooLong) -> ArraySlice<UInt8>? {
        guard let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) else {
            guard buffer.count - start <= limit else { throw LineTooLong() }
            return nil
        }
        defer { start = end + 1 }
        return try checked(buffer[start..<end])
    }

    /// What stands after the last end of a line; nil when nothing does.
    package mutating func last() throws(LineTooLong) -> ArraySlice<UInt8>? {
        defer { start = buffer.count }
        return start < buffer.count ? try checked(buffer[start...]) : nil
    }

    private func checked(_ line: ArraySlice<UInt8>) throws(LineTooLong) -> ArraySlice<UInt8> {
        guard line.count <= limit else { throw LineTooLong() }
        return line
    }
}
