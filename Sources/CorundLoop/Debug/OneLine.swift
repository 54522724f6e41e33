extension String {
    /// The text with everything spelled out that would end its line or command a terminal.
    ///
    /// Names of tasks and words of errors may be anybody's.
    var onOneLine: String {
        guard unicodeScalars.contains(where: \.endsLineOrCommands) else { return self }
        return unicodeScalars.reduce(into: "") { $0 += $1.endsLineOrCommands ? $1.escaped(asASCII: true) : String($1) }
    }
}

extension Unicode.Scalar {
    fileprivate var endsLineOrCommands: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
