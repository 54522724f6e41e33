package import CorundAPI

/// Whether texts are coloured, and how.
package struct Style: Equatable, Sendable {
    package let isColoured: Bool

    package static let plain = Style(isColoured: false)

    package init(isColoured: Bool) {
        self.isColoured = isColoured
    }

    /// Colours are for terminals that have them, and for people who have not set `NO_COLOR` (no-color.org: to
    /// anything but an empty value).
    package init(isTerminal: Bool, environment: (String) -> String?) {
        let isRefused = environment("NO_COLOR").map { !$0.isEmpty } ?? false
        isColoured = isTerminal && !isRefused && environment("TERM") != "dumb"
    }

    /// The terminal's sequences; the raw value is the parameter of SGR.
    package enum Colour: Int, Sendable {
        case bold = 1
        case dim = 2
        case red = 31
        case green = 32
        case yellow = 33
        case cyan = 36
    }

    package func paint(_ text: String, _ colour: Colour?) -> String {
        guard isColoured, let colour, !text.isEmpty else { return text }
        return "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m"
    }
}

extension JobState {
    package var colour: Style.Colour {
        switch self {
        case .scheduled, .queued: .dim
        case .running: .cyan
        case .succeeded: .green
        case .failed, .timedOut: .red
        case .cancelled, .interrupted: .yellow
        }
    }
}
