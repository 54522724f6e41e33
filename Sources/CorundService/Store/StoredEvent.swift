import CorundAPI
import GRDB

/// An event of a job as a row has it.
struct StoredEvent: Sendable, Equatable {
    /// The numbers stand in the file: a released one never changes its meaning.
    enum Kind: Int, Sendable {
        case state = 0
        case progress = 1
        case standardOutput = 2
        case standardError = 3
        case message = 4
    }

    let kind: Kind
    var number: Double?
    var text: String?
    var bytes: [UInt8]?

    init(_ state: JobState) {
        kind = .state
        text = state.rawValue
    }

    init(_ progress: Event.Progress) {
        kind = .progress
        (number, text) = (progress.fraction, progress.note.map(StoreText.printable))
    }

    init(_ message: Event.Message) {
        kind = .message
        (text, bytes) = (StoreText.printable(message.level), Array(message.text.utf8))
    }

    init(_ output: Event.Output) {
        kind = output.stream == Self.stderr ? .standardError : .standardOutput
        text = output.base64
    }

    init(kind: Kind, number: Double?, text: String?, bytes: [UInt8]?) {
        (self.kind, self.number, self.text, self.bytes) = (kind, number, text, bytes)
    }

    /// What it takes, roughly.
    var size: Int { 32 + (text?.utf8.count ?? 0) + (bytes?.count ?? 0) }

    /// Writes it into the event of the wire.
    func fill(_ event: inout Event) {
        let text = text ?? ""
        switch kind {
        case .state: event.state = JobState(rawValue: text)
        case .progress: event.progress = Event.Progress(fraction: number ?? 0, note: self.text)
        case .standardOutput: event.output = Event.Output(stream: Self.stdout, base64: text)
        case .standardError: event.output = Event.Output(stream: Self.stderr, base64: text)
        case .message: event.message = Event.Message(level: text, text: String(decoding: bytes ?? [], as: UTF8.self))
        }
    }

    private static let stdout = "stdout"
    private static let stderr = "stderr"
}
