import Varlink

/// What a submission may give for one argument of a command.
public struct CommandArgument: Sendable, Equatable {
    /// The types that there are.
    public enum Kind: String, Sendable, CaseIterable {
        /// Any text.
        case string
        /// A whole number of 64 bits.
        case integer
        /// Any number; the program gets it as the submission spells it.
        case number
        /// The program gets `true` or `false`.
        case boolean
        /// The absolute path of a file, without `..` in it; whether there is one is not looked at.
        case path
    }

    /// `type`: the type.
    public var kind = Kind.string

    /// `minimum`: the smallest integer or number.
    public var minimum: CommandValue?

    /// `maximum`: the largest integer or number.
    public var maximum: CommandValue?

    /// `one-of`: all that is allowed; nil: everything of the type.
    public var choices: [CommandValue]?

    /// `default`: what the program gets when the submission says nothing; nil: the submission has to.
    public var defaultValue: CommandValue?

    /// Any text, which must be given.
    public init() {}

    /// Anything of that type, which must be given.
    public init(_ kind: Kind) {
        self.kind = kind
    }
}

extension CommandArgument {
    /// A value that was given, as the program gets it.
    ///
    /// - Throws: what is wrong with it, as a phrase.
    func read(_ json: RawJSON) throws(Refusal) -> String {
        let value: CommandValue
        do {
            value =
                switch kind {
                case .string, .path: .text(try json.decode())
                case .integer: .integer(try json.decode())
                case .number: .number(try json.decode())
                case .boolean: .boolean(try json.decode())
                }
        } catch let error as DecodingError {
            throw Refusal(error.explanation.message)
        } catch {
            throw Refusal("\(error)")
        }
        if let problem = problem(value) { throw Refusal(problem) }
        return kind == .number ? json.description : value.spelled
    }

    struct Refusal: Error {
        let message: String

        init(_ message: String) {
            self.message = message
        }
    }

    /// What is wrong with a value, as a phrase; nil when it is allowed.
    func problem(_ value: CommandValue) -> String? {
        switch (kind, value) {
        case (.string, .text), (.integer, .integer), (.number, .integer), (.number, .number), (.boolean, .boolean):
            break
        case (.path, .text(let path)):
            if let problem = Self.problem(ofPath: path) { return problem }
        case (_, _): return "expected \(kind.phrase), found \(value.phrase)"
        }
        if let minimum, value < minimum { return "\(value.spelled) is less than \(minimum.spelled)" }
        if let maximum, maximum < value { return "\(value.spelled) is more than \(maximum.spelled)" }
        if let choices, !choices.contains(where: value.isSame) {
            return "must be one of \(choices.map(\.spelled).joined(separator: ", "))"
        }
        return nil
    }

    private static func problem(ofPath path: String) -> String? {
        let longest = 4095  // PATH_MAX has room for a NUL
        guard path.utf8.first == UInt8(ascii: "/") else { return "must be an absolute path" }
        guard path.utf8.count <= longest else { return "a path has at most \(longest) bytes" }
        guard !path.utf8.split(separator: UInt8(ascii: "/")).contains(where: { $0.elementsEqual("..".utf8) }) else {
            return "must be a path without .. in it"
        }
        return nil
    }

    /// Whether a value has a minus before it that the administrator has allowed for: as one of a number, or in the very
    /// words of the configuration.
    func allowsMinus(of spelled: String) -> Bool {
        guard spelled.utf8.first == UInt8(ascii: "-") else { return false }
        return minimum.map { $0 < .integer(0) } ?? false || choices != nil || spelled == defaultValue?.spelled
    }
}

extension CommandArgument.Kind {
    fileprivate var phrase: String {
        switch self {
        case .string: "a string"
        case .integer: "an integer"
        case .number: "a number"
        case .boolean: "true or false"
        case .path: "a path"
        }
    }
}
