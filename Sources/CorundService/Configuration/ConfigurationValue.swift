import CorundAPI
import Logging
import TOMLKit

/// What the value of a key may be: how it is described, read and written.
struct ConfigurationValue<Value>: Sendable {
    /// As `an integer from 1 to 65536`.
    let expectation: String
    let parse: @Sendable (any TOMLValueConvertible) -> Result<Value, Mismatch>
    /// The value in TOML.
    let render: @Sendable (Value) -> String

    /// Reads a value and, if it is one that is expected, stores it; the result says what is wrong otherwise.
    func read(_ toml: any TOMLValueConvertible, store: (Value) -> Void) -> [ConfigurationFinding] {
        switch parse(toml) {
        case .success(let value):
            store(value)
            return []
        case .failure(let mismatch): return [ConfigurationFinding(expected: expectation, found: mismatch.found)]
        }
    }
}

/// Why a value is not what a key expects: what was found instead, as a phrase.
struct Mismatch: Error {
    let found: String
}

extension Mismatch {
    init(wrongType value: any TOMLValueConvertible) {
        found =
            switch value.type {
            case .table: "a table"
            case .array: "an array"
            case .string: "a string"
            case .int: "an integer"
            case .double: "a floating-point number"
            case .bool: "a boolean"
            case .date: "a date"
            case .time: "a time of day"
            case .dateTime: "a date with a time"
            }
    }
}

extension ConfigurationFinding {
    init(expected: String, found: String) {
        message = "expected \(expected), found \(found)"
    }
}

extension ConfigurationValue<Int> {
    static func integer(_ range: ClosedRange<Int>) -> Self {
        Self(
            expectation: "an integer from \(range.lowerBound) to \(range.upperBound)",
            parse: { toml in
                guard let number = toml.int else { return .failure(Mismatch(wrongType: toml)) }
                return range.contains(number) ? .success(number) : .failure(Mismatch(found: String(number)))
            },
            render: { String($0) })
    }
}

extension ConfigurationValue<Bool> {
    static let boolean = Self(
        expectation: "true or false",
        parse: { toml in toml.bool.map(Result.success) ?? .failure(Mismatch(wrongType: toml)) },
        render: { String($0) })
}

extension ConfigurationValue<Duration> {
    /// From `shortest` on, to the microsecond.
    static func duration(from shortest: Duration = .zero, upTo longest: Duration) -> Self {
        Self(
            expectation: "a time such as \"10s\" or \"1min 30s\", "
                + "from \(TimeSpan.render(shortest)) to \(TimeSpan.render(longest))",
            parse: { toml in
                guard let text = toml.string else { return .failure(Mismatch(wrongType: toml)) }
                do throws(TimeSpan.ParseError) {
                    let time = try TimeSpan.parse(text)
                    return (shortest...longest).contains(time)
                        ? .success(time) : .failure(Mismatch(found: TimeSpan.render(time)))
                } catch {
                    return .failure(Mismatch(found: error.description))
                }
            },
            render: { TOMLText.string(TimeSpan.render($0)) })
    }
}

extension ConfigurationValue<Rate> {
    static let rate = Self(
        expectation: "a rate such as \"10/s\" or \"5/10s\", COUNT/TIME with COUNT from 1 to \(Rate.largestCount)",
        parse: { toml in
            guard let text = toml.string else { return .failure(Mismatch(wrongType: toml)) }
            return Rate(text).map(Result.success) ?? .failure(Mismatch(found: TOMLText.string(text)))
        },
        render: { TOMLText.string($0.description) })
}

extension ConfigurationValue<String> {
    static func path(limit: Int) -> Self {
        Self(
            expectation: "an absolute path of at most \(limit) bytes",
            parse: { toml in
                guard let path = toml.string else { return .failure(Mismatch(wrongType: toml)) }
                guard path.hasPrefix("/") else { return .failure(Mismatch(found: TOMLText.string(path))) }
                guard path.utf8.count <= limit else {
                    return .failure(Mismatch(found: "one of \(path.utf8.count) bytes"))
                }
                return .success(path)
            },
            render: { TOMLText.string($0) })
    }

    /// Text; `expectation` says what it must be.
    static func text(_ expectation: String, where isAllowed: @escaping @Sendable (String) -> Bool = { _ in true })
        -> Self
    {
        Self(
            expectation: expectation,
            parse: { toml in
                guard let text = toml.string else { return .failure(Mismatch(wrongType: toml)) }
                guard isAllowed(text) else {
                    return .failure(Mismatch(found: TOMLText.string(text)))
                }
                return .success(text)
            },
            render: { TOMLText.string($0) })
    }
}

extension ConfigurationValue where Value: CaseIterable & RawRepresentable<String> & Sendable {
    /// One of the words that `Value` has.
    static var word: Self {
        let words = Value.allCases.map { TOMLText.string($0.rawValue) }
        return Self(
            expectation: "one of \(words.joined(separator: ", "))",
            parse: { toml in
                guard let text = toml.string else { return .failure(Mismatch(wrongType: toml)) }
                return Value(rawValue: text).map(Result.success) ?? .failure(Mismatch(found: TOMLText.string(text)))
            },
            render: { TOMLText.string($0.rawValue) })
    }
}

extension ConfigurationValue {
    /// An array of at least one element, each of which is an `element`.
    static func list<Element>(of element: ConfigurationValue<Element>, called elements: String) -> Self
    where Value == [Element] {
        Self(
            expectation: "an array of at least one of \(elements)",
            parse: { toml in
                guard let array = toml.array else { return .failure(Mismatch(wrongType: toml)) }
                guard !array.isEmpty else { return .failure(Mismatch(found: "an empty one")) }
                var values: [Element] = []
                for value in array {
                    switch element.parse(value) {
                    case .success(let value): values.append(value)
                    case .failure(let mismatch): return .failure(Mismatch(found: "\(mismatch.found) in it"))
                    }
                }
                return .success(values)
            },
            render: { "[\($0.map(element.render).joined(separator: ", "))]" })
    }
}
