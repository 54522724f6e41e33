/// Swift values as TOML text.
enum TOMLText {
    /// A basic string of TOML 1.0.
    static func string(_ text: String) -> String {
        let inner = text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            default:
                if scalar.properties.generalCategory == .control {
                    let digits = String(scalar.value, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return "\"\(inner)\""
    }

    /// A key as one would have to write it, in quotes if it needs them.
    static func key(_ name: String) -> String {
        let isBare = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        return isBare && !name.isEmpty ? name : string(name)
    }

    /// An inline table, in the order of its keys.
    static func table<Value>(_ values: [String: Value], _ render: (Value) -> String) -> String {
        let members = values.sorted { $0.key < $1.key }.map { "\(key($0.key)) = \(render($0.value))" }
        return members.isEmpty ? "{}" : "{ \(members.joined(separator: ", ")) }"
    }
}
