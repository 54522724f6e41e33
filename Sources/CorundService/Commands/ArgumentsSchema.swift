import Varlink

/// A JSON Schema, as far as the arguments of commands need one.
private struct Schema: Encodable {
    var type: String
    var properties: [String: Schema]?
    var required: [String]?
    var additionalProperties: Bool?
    var pattern: String?
    var minimum: CommandValue?
    var maximum: CommandValue?
    var choices: [CommandValue]?
    var defaultValue: CommandValue?

    enum CodingKeys: String, CodingKey {
        case type, properties, required, additionalProperties, pattern, minimum, maximum
        case choices = "enum"
        case defaultValue = "default"
    }

    init(_ argument: CommandArgument) {
        type = argument.kind == .path ? "string" : argument.kind.rawValue
        pattern = argument.kind == .path ? "^/" : nil
        minimum = argument.minimum
        maximum = argument.maximum
        choices = argument.choices
        defaultValue = argument.defaultValue
    }

    init(type: String) {
        self.type = type
    }
}

extension CommandValue: Encodable {
    /// As a string, a number or a boolean.
    public func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .text(let text): try value.encode(text)
        case .integer(let number): try value.encode(number)
        case .number(let number): try value.encode(number)
        case .boolean(let flag): try value.encode(flag)
        }
    }
}

extension Command {
    /// What the arguments may be, as a JSON Schema.
    var argumentsSchema: RawJSON? {
        var schema = Schema(type: "object")
        schema.properties = settings.arguments.mapValues(Schema.init)
        schema.required = settings.arguments.filter { $0.value.defaultValue == nil }.keys.sorted()
        schema.additionalProperties = false
        return try? RawJSON(encoding: schema)
    }
}

extension ExecArguments {
    /// The same for `exec`.
    static let schema = try? RawJSON(
        validating: """
            {"type":"object","properties":{"argv":{"type":"array","items":{"type":"string"},"minItems":1},\
            "directory":{"type":"string","pattern":"^/"},\
            "environment":{"type":"object","additionalProperties":{"type":"string"}},"stdin":{"type":"string"}},\
            "required":["argv"],"additionalProperties":false}
            """)
}
