package import Varlink

/// Lines that are submitted together: all of them or none.
package struct Batch: Equatable, Sendable {
    package private(set) var lines: [SubmissionLine] = []
    private var size = 0

    package static let mostLines = 1000
    /// Bytes of a batch's lines: a message with them is well below the longest that a daemon takes by default, 1 MiB.
    package static let mostBytes = 512 << 10

    package init() {}

    /// Takes the line, unless that would be too much; the first one is never too much.
    package mutating func take(_ line: SubmissionLine) -> Bool {
        guard lines.isEmpty || (lines.count < Self.mostLines && size + line.text.bytes.count <= Self.mostBytes) else {
            return false
        }
        lines.append(line)
        size += line.text.bytes.count
        return true
    }

    package var isEmpty: Bool { lines.isEmpty }

    /// The numbers of its lines; it must have one.
    package var range: ClosedRange<Int> { lines[0].number...lines[lines.count - 1].number }

    /// Whether it can be submitted twice without harm.
    package var isRepeatable: Bool { lines.allSatisfy(\.hasKey) }

    /// The parameters of `SubmitMany`.
    package var parameters: RawJSON {
        var writer = JSONWriter(reserving: size + lines.count + 32)
        writer.literal(#"{"submissions":["#)
        for (index, line) in lines.enumerated() {
            if index > 0 { writer.literal(",") }
            writer.raw(line.text)
        }
        writer.literal("]}")
        return RawJSON(unchecked: writer.bytes)
    }
}
