import CorundAPI
import Varlink

/// The parameters of `Run`, read without a general decoder: this is the fast path.
///
/// The arguments are passed on as the text that was validated when the message came in. Pure.
struct RunRequest {
    /// The name as it is spelled, which seldom has an escape in it.
    let job: Range<Int>
    let arguments: RawJSON
    let context: String?
    let timeoutMilliseconds: Int?
    let isKept: Bool

    /// - Throws: `InvalidParameter` with the name of a parameter of a wrong type or value.
    init(_ parameters: borrowing CallParameters) throws {
        let text = parameters.message
        var (job, arguments): (Range<Int>?, RawJSON?)
        var (context, timeout): (String?, Int?)
        var isKept = false
        for member in parameters.members {
            let (name, value) = (member.name, member.value)
            if text[value.lowerBound] == UInt8(ascii: "n") { continue }  // null is as good as absent
            if name.equals("job") {
                job = try Self.string(value, in: text, "job")
            } else if name.equals("arguments") {
                arguments = RawJSON(unchecked: text, in: value)
            } else if name.equals("context") {
                context = Self.unescape(try Self.string(value, in: text, "context"), in: text)
            } else if name.equals("timeout_ms") {
                timeout = try Self.milliseconds(value, in: text)
            } else if name.equals("keep") {
                isKept = try Self.boolean(value, in: text)
            }
        }
        guard let job else { throw VarlinkError.invalidParameter("job") }
        guard context.map(Submission.isName) != false else { throw VarlinkError.invalidParameter("context") }
        self.job = job
        self.arguments = arguments ?? .emptyObject
        self.context = context
        timeoutMilliseconds = timeout
        self.isKept = isKept
    }

    /// The string of which `range` is what is between the quotes.
    static func unescape(_ range: Range<Int>, in text: UnsafeBufferPointer<UInt8>) -> String {
        let quoted = RawJSON(unchecked: text, in: range.lowerBound - 1..<range.upperBound + 1)
        do { return try quoted.decode() } catch { preconditionFailure("it was validated with its message: \(error)") }
    }

    /// What is between the quotes, as it is spelled.
    private static func string(
        _ range: Range<Int>, in text: UnsafeBufferPointer<UInt8>, _ name: String
    ) throws -> Range<Int> {
        guard text[range.lowerBound] == UInt8(ascii: "\"") else { throw VarlinkError.invalidParameter(name) }
        return range.lowerBound + 1..<range.upperBound - 1
    }

    private static func milliseconds(_ range: Range<Int>, in text: UnsafeBufferPointer<UInt8>) throws -> Int {
        guard let value = try? RawJSON(unchecked: text, in: range).decode(Int.self), value > 0 else {
            throw VarlinkError.invalidParameter("timeout_ms")
        }
        return value
    }

    private static func boolean(_ range: Range<Int>, in text: UnsafeBufferPointer<UInt8>) throws -> Bool {
        switch text[range.lowerBound] {
        case UInt8(ascii: "t"): true
        case UInt8(ascii: "f"): false
        default: throw VarlinkError.invalidParameter("keep")
        }
    }
}
