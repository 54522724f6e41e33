extension DecodingError {
    /// The error in words for the person who wrote the text.
    ///
    /// The path leads to the fault as `a.b[2].c`, and is empty for the whole value. The message is a phrase such as
    /// `expected an integer, found a string` or `missing`.
    package var explanation: (path: String, message: String) {
        switch self {
        case .keyNotFound(let key, let context):
            (Self.render(context.codingPath + [key]), "missing")
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            (Self.render(context.codingPath), context.debugDescription)
        @unknown default:
            ("", "\(self)")
        }
    }

    private static func render(_ path: [any CodingKey]) -> String {
        var text = ""
        for key in path {
            // An index has a number and is not spelled by it; a member of a dictionary with integer keys is.
            if let index = key.intValue, key.stringValue != "\(index)" {
                text += "[\(index)]"
            } else {
                text += text.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
        return text
    }
}
