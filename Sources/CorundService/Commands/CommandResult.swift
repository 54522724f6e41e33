import CLinux
import CorundLoop
import Varlink

/// What a job that has run a program gives.
struct CommandResult: Encodable, Equatable {
    /// As a shell has it: 128 and the signal's number for a program that a signal ended.
    let status: Int
    /// The signal that ended it, as `SIGKILL`.
    let signal: String?
    let output: KeptText
    let error: KeptText
    let usage: ResourceUsage

    init(_ end: ProgramEnd, output: KeptOutput, error: KeptOutput) {
        switch end.status {
        case .exited(let code): (status, signal) = (Int(code), nil)
        case .signalled(let number, _): (status, signal) = (128 + Int(number), Self.name(ofSignal: number))
        }
        self.output = KeptText(output)
        self.error = KeptText(error)
        usage = end.usage
    }

    /// A stream: text, or bytes that are none.
    struct KeptText: Equatable {
        let bytes: [UInt8]
        /// nil when the bytes are not UTF-8.
        let text: String?
        let dropped: Int

        init(_ output: KeptOutput) {
            (bytes, dropped) = output.kept
            text = String(validating: bytes, as: UTF8.self)
        }
    }

    private static func name(ofSignal number: CInt) -> String {
        corund_signal_name(number).map { "SIG\(String(cString: $0))" } ?? "signal \(number)"
    }

    // MARK: On the wire

    private enum Key: String, CodingKey {
        case exit_status, signal
        case stdout, stdout_base64, stdout_dropped
        case stderr, stderr_base64, stderr_dropped
        case cpu_user_us, cpu_system_us, max_rss_bytes
    }

    func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Key.self)
        try members.encode(status, forKey: .exit_status)
        try members.encodeIfPresent(signal, forKey: .signal)
        try Self.encode(output, to: &members, .stdout, .stdout_base64, .stdout_dropped)
        try Self.encode(error, to: &members, .stderr, .stderr_base64, .stderr_dropped)
        try members.encode(usage.userTime.wholeMicroseconds, forKey: .cpu_user_us)
        try members.encode(usage.systemTime.wholeMicroseconds, forKey: .cpu_system_us)
        try members.encodeIfPresent(usage.peakMemory, forKey: .max_rss_bytes)
    }

    private static func encode(
        _ stream: KeptText, to members: inout KeyedEncodingContainer<Key>, _ text: Key, _ base64: Key, _ dropped: Key
    ) throws {
        if let string = stream.text {
            try members.encode(string, forKey: text)
        } else {
            try members.encode(Base64.encode(stream.bytes), forKey: base64)
        }
        if stream.dropped > 0 { try members.encode(stream.dropped, forKey: dropped) }
    }
}

extension CommandResult {
    /// The failure that it is, unless its status means success.
    func failure(successStatuses: [Int]) throws -> JobFailure? {
        if signal == nil, successStatuses.contains(status) { return nil }
        let what = signal.map { "was ended by \($0)" } ?? "exited with status \(status)"
        return JobFailure(
            kind: signal == nil ? "Exited" : "Signalled",
            message: [what, lastWords].compactMap(\.self).joined(separator: ": "),
            status: status, result: try RawJSON(encoding: self))
    }

    /// The last line that the program wrote to standard error: most often it says why.
    ///
    /// It is looked for from the end, and by bytes: to make characters of megabytes would hold the loop for a second.
    private var lastWords: String? {
        var rest = error.bytes[...]
        while !rest.isEmpty {
            let end = rest.lastIndex { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
            let line = rest[(end.map { $0 + 1 } ?? rest.startIndex)...]
            if line.contains(where: { $0 > UInt8(ascii: " ") }) { return Self.shortened(line) }
            rest = rest[..<(end ?? rest.startIndex)]
        }
        return nil
    }

    private static func shortened(_ line: ArraySlice<UInt8>) -> String {
        let (mostCharacters, mostBytes) = (200, 1_024)
        let text = String(decoding: line.prefix(mostBytes).withoutCutCharacter, as: UTF8.self)
        return text.count > mostCharacters || line.count > mostBytes ? "\(text.prefix(mostCharacters))…" : text
    }
}

extension Duration {
    fileprivate var wholeMicroseconds: Int {
        Int(components.seconds) * 1_000_000 + Int(components.attoseconds / 1_000_000_000_000)
    }
}
