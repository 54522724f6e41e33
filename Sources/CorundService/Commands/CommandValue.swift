/// One value of an argument.
public enum CommandValue: Sendable, Equatable {
    /// Of the types `string` and `path`.
    case text(String)
    /// Of the types `integer` and `number`.
    case integer(Int)
    /// Of the type `number`, and finite.
    case number(Double)
    /// Of the type `boolean`.
    case boolean(Bool)
}

extension CommandValue {
    /// What it is, as a phrase.
    var phrase: String {
        switch self {
        case .text: "a string"
        case .integer: "an integer"
        case .number: "a number"
        case .boolean: "a boolean"
        }
    }

    /// How a program gets it.
    var spelled: String {
        switch self {
        case .text(let text): text
        case .integer(let number): String(number)
        case .number(let number): String(number)
        case .boolean(let flag): String(flag)
        }
    }

    /// Whether the other one is the same, as numbers are: 1 is 1.0.
    func isSame(_ other: CommandValue) -> Bool {
        switch (self, other) {
        case (.integer, .number), (.number, .integer): !(self < other) && !(other < self)
        case (_, _): self == other
        }
    }

    /// Of numbers; nothing else is less than anything.
    static func < (left: CommandValue, right: CommandValue) -> Bool {
        switch (left, right) {
        case (.integer(let left), .integer(let right)): left < right
        case (.integer(let left), .number(let right)): Double(left) < right
        case (.number(let left), .integer(let right)): left < Double(right)
        case (.number(let left), .number(let right)): left < right
        case (_, _): false
        }
    }
}
