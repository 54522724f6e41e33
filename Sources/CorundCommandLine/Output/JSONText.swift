package import Varlink

extension RawJSON {
    /// The text on one line: without whitespace between its tokens, and otherwise byte for byte.
    package var onOneLine: String {
        var compact: [UInt8] = []
        compact.reserveCapacity(bytes.count)
        var isInString = false
        var isEscaped = false
        for byte in bytes {
            if isInString {
                isInString = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            } else {
                guard !Self.whitespace.contains(byte) else { continue }
                isInString = byte == UInt8(ascii: "\"")
            }
            compact.append(byte)
        }
        return String(decoding: compact, as: UTF8.self)
    }

    private static let whitespace: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]
}

extension VarlinkError {
    /// The error reply on one line, as it was on the wire.
    package var onOneLine: String {
        var writer = JSONWriter()
        writer.literal("{\"error\":")
        writer.string(name)
        writer.literal(",\"parameters\":")
        writer.raw(parameters)
        writer.literal("}")
        return RawJSON(unchecked: writer.bytes).onOneLine
    }
}
