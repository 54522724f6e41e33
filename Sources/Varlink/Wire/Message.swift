/// Writes whole messages, their NUL included.
package enum Message {
    /// Appends a successful reply; `writeParameters` appends a JSON object.
    package static func appendReply(
        continues: Bool = false, to writer: inout JSONWriter, _ writeParameters: (inout JSONWriter) -> Void
    ) {
        writer.literal(#"{"parameters":"#)
        writeParameters(&writer)
        if continues { writer.literal(#","continues":true"#) }
        writer.end()
    }

    /// Appends an error reply.
    package static func appendError(_ error: VarlinkError, to writer: inout JSONWriter) {
        writer.literal(#"{"error":"#)
        writer.string(error.name)
        writer.literal(#","parameters":"#)
        writer.raw(error.parameters)
        writer.end()
    }

    /// Appends a call of `method`, a full name.
    package static func appendCall(
        _ method: String, parameters: RawJSON, flags: CallFlags = [], to writer: inout JSONWriter
    ) {
        writer.literal(#"{"method":"#)
        writer.string(method)
        writer.literal(#","parameters":"#)
        writer.raw(parameters)
        if flags.contains(.more) { writer.literal(#","more":true"#) }
        if flags.contains(.oneway) { writer.literal(#","oneway":true"#) }
        writer.end()
    }
}

extension JSONWriter {
    /// Closes the message's object, and the message.
    @inline(__always)
    fileprivate mutating func end() {
        byte(UInt8(ascii: "}"))
        byte(0)
    }
}

/// How a call wants to be answered.
package struct CallFlags: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Any number of replies.
    package static let more = CallFlags(rawValue: 1)
    /// No reply at all.
    package static let oneway = CallFlags(rawValue: 2)
}
