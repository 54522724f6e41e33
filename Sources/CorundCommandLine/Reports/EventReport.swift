package import CorundAPI

/// What happens to a job, in lines that begin with the time.
package struct EventReport {
    private let style: Style

    package init(_ style: Style) {
        self.style = style
    }

    /// One line; more when a program wrote more than one.
    package func lines(_ event: Event) -> [String] {
        words(event).map { "\(style.paint(event.at.description, .dim)) \($0)" }
    }

    private func words(_ event: Event) -> [String] {
        if let state = event.state { return [style.paint(state.rawValue, state.colour)] }
        if let progress = event.progress {
            return [(JobReport.progress(progress.fraction, progress.note) ?? "").printable]
        }
        if let message = event.message { return ["\(message.level): \(message.text)".printable] }
        if let output = event.output {
            let text = output.bytes.map { String(decoding: $0, as: UTF8.self) } ?? output.base64
            return Self.splitLines(text).map { "\(output.stream): \($0)".printable }
        }
        return ["(an event that this command does not know)"]
    }

    private static func splitLines(_ text: String) -> [Substring] {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return lines.last == "" ? lines.dropLast() : lines
    }
}
