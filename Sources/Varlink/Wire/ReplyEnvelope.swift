/// A reply as a client reads it.
package struct ReplyEnvelope: Equatable {
    /// The error's full name; nil for a success.
    package private(set) var error: String?
    package private(set) var parameters = RawJSON.emptyObject
    /// More replies to the same call follow.
    package private(set) var continues = false

    /// - Throws: ``WireViolation`` for text that is no JSON, is nested deeper than `maximumDepth`, or is no reply.
    package init(scanning message: UnsafeBufferPointer<UInt8>, maximumDepth: Int) throws {
        var scanner = JSONScanner(message, maximumDepth: maximumDepth)
        do {
            try scanner.scanObject { key, value in
                if key.equals("error"), message[value.lowerBound] != UInt8(ascii: "n") {
                    guard message[value.lowerBound] == UInt8(ascii: "\"") else {
                        throw WireViolation.notAReply("its error is not a string")
                    }
                    error = String(
                        unescapingJSON: UnsafeBufferPointer(rebasing: message[value.dropFirst().dropLast()]))
                } else if key.equals("parameters"), message[value.lowerBound] != UInt8(ascii: "n") {
                    parameters = RawJSON(unchecked: Array(message[value]))
                } else if key.equals("continues") {
                    continues = message[value.lowerBound] == UInt8(ascii: "t")
                }
            }
            try scanner.expectEnd()
        } catch let error as JSONError {
            throw WireViolation.malformed(error)
        }
    }
}
