/// The outer object of a call, found by one pass over the message that also validates all of it.
///
/// Ranges are of the message.
package struct CallEnvelope {
    /// The method's full name, unescaped only if need be.
    package private(set) var method: Range<Int>?
    /// The parameters' text; nil when absent or null.
    package private(set) var parameters: Range<Int>?
    package private(set) var wantsMore = false
    package private(set) var isOneway = false
    package private(set) var wantsUpgrade = false

    /// - Parameters:
    ///   - message: one message, without its NUL.
    ///   - maximumDepth: how deeply objects and arrays may be nested.
    ///   - members: gets the members of the parameters, when these are an object, instead of what it held.
    /// - Throws: ``WireViolation`` for text that is no JSON, is nested deeper than `maximumDepth`, or is no call.
    package init(
        scanning message: UnsafeBufferPointer<UInt8>, maximumDepth: Int, members: inout [JSONMember]
    ) throws {
        members.removeAll(keepingCapacity: true)
        var scanner = JSONScanner(message, maximumDepth: maximumDepth)
        do {
            try scanner.beginObject()
            while let name = try scanner.nextMember() {
                if name.equals("parameters") {
                    if parameters != nil { members.removeAll(keepingCapacity: true) }  // the last one counts
                    parameters = try scanner.skipValue(appendingMembersTo: &members)
                } else {
                    try take(name, try scanner.skipValue(), of: message)
                }
            }
            try scanner.expectEnd()
        } catch let error as JSONError {
            throw WireViolation.malformed(error)
        }
        try checkMethod(in: message)
        if let range = parameters, message[range.lowerBound] == UInt8(ascii: "n") { parameters = nil }
    }

    private mutating func take(
        _ name: JSONKey, _ value: Range<Int>, of message: UnsafeBufferPointer<UInt8>
    ) throws {
        if name.equals("method") {
            method = value
        } else if name.equals("more") {
            wantsMore = try Self.boolean(value, of: message, named: "more")
        } else if name.equals("oneway") {
            isOneway = try Self.boolean(value, of: message, named: "oneway")
        } else if name.equals("upgrade") {
            wantsUpgrade = try Self.boolean(value, of: message, named: "upgrade")
        }
    }

    private mutating func checkMethod(in message: UnsafeBufferPointer<UInt8>) throws {
        guard let range = method else { throw WireViolation.notACall("it has no method") }
        guard message[range.lowerBound] == UInt8(ascii: "\"") else {
            throw WireViolation.notACall("its method is not a string")
        }
        // Method names are plain ASCII; one with an escape in it matches no method, which is what the caller is told.
        method = range.lowerBound + 1..<range.upperBound - 1
    }

    private static func boolean(_ range: Range<Int>, of message: UnsafeBufferPointer<UInt8>, named name: String) throws
        -> Bool
    {
        switch message[range.lowerBound] {
        case UInt8(ascii: "t"): true
        case UInt8(ascii: "f"), UInt8(ascii: "n"): false
        default: throw WireViolation.notACall("its \(name) is not a boolean")
        }
    }
}
