import CorundAPI
import Logging
import TOMLKit

/// One key of the configuration: all that parsing, printing and documentation know of it.
public struct ConfigurationKey: Sendable {
    /// The key as it is written in a file, as `queue-length`.
    public let name: String

    /// What it decides, in one sentence.
    public let summary: String

    /// The values it takes, as `an integer from 1 to 65536`.
    public let expectation: String

    /// Sets the key in a configuration; the result says what was found when it is not what is expected.
    let read: @Sendable (any TOMLValueConvertible, inout Configuration) -> Mismatch?

    /// The key's value in TOML, or `nil` when it has none.
    let render: @Sendable (Configuration) -> String?

    /// Why a value is not what a key expects: what was found instead, as a phrase.
    struct Mismatch {
        let found: String
    }

    /// The value that the key has when it is not set, in TOML; `nil` when the daemon works it out.
    public var defaultValue: String? { render(Configuration()) }
}

extension Configuration {
    /// Every key, in the order in which it is printed.
    public static let keys: [ConfigurationKey] = [
        .path("socket", \.socket, limit: 107, "Where the daemon listens."),  // sun_path has 108 bytes, one for NUL.
        .path("state-dir", \.stateDirectory, limit: 4095, "Where the daemon keeps what must survive a restart."),
        .logLevel("log-level", \.logLevel, "The lowest level that is logged."),
        .boolean("debug", \.debug, "Whether the loop runs in debug mode."),
        .integer("message-size", \.messageSize, 4096...1_073_741_824, "The largest message on the socket, in bytes."),
        .integer("nesting-depth", \.nestingDepth, 1...512, "How deep the JSON of a message may be nested."),
        .integer("calls-in-flight", \.callsInFlight, 1...65_536, "Unanswered calls for each connection."),
        .integer("connections-per-uid", \.connectionsPerUID, 1...65_536, "Open connections for each user."),
        .integer("queue-length", \.queueLength, 1...10_000_000, "Jobs that may wait."),
        .integer("running-limit", \.runningLimit, 1...1_000_000, "Jobs that may run at once."),
        .integer("retained-jobs", \.retainedJobs, 0...10_000_000, "Ended jobs that are kept."),
        .duration("retention", \.retention, upTo: .seconds(3650 * 86_400), "How long ended jobs are kept."),
        .duration("drain-timeout", \.drainTimeout, upTo: day, "How long running jobs have to end at the daemon's end."),
        .duration("cancel-grace", \.cancelGrace, upTo: day, "How long cancelled jobs have to end."),
        .duration("pool-timeout", \.poolTimeout, upTo: day, "How long blocking work has to end at the daemon's end."),
    ]

    private static let day = Duration.seconds(86_400)
}

extension ConfigurationKey {
    fileprivate typealias Member<Value> = any WritableKeyPath<Configuration, Value> & Sendable

    fileprivate static func integer(
        _ name: String, _ member: Member<Int>, _ range: ClosedRange<Int>, _ summary: String
    ) -> ConfigurationKey {
        ConfigurationKey(
            name: name, summary: summary,
            expectation: "an integer from \(range.lowerBound) to \(range.upperBound)",
            read: { value, configuration in
                guard let number = value.int else { return Mismatch(wrongType: value) }
                guard range.contains(number) else { return Mismatch(found: String(number)) }
                configuration[keyPath: member] = number
                return nil
            },
            render: { String($0[keyPath: member]) })
    }

    fileprivate static func boolean(_ name: String, _ member: Member<Bool>, _ summary: String) -> ConfigurationKey {
        ConfigurationKey(
            name: name, summary: summary, expectation: "true or false",
            read: { value, configuration in
                guard let flag = value.bool else { return Mismatch(wrongType: value) }
                configuration[keyPath: member] = flag
                return nil
            },
            render: { String($0[keyPath: member]) })
    }

    fileprivate static func duration(
        _ name: String, _ member: Member<Duration>, upTo longest: Duration, _ summary: String
    ) -> ConfigurationKey {
        ConfigurationKey(
            name: name, summary: summary,
            expectation: "a time such as \"10s\" or \"1min 30s\", from 0s to \(TimeSpan.render(longest))",
            read: { value, configuration in
                guard let text = value.string else { return Mismatch(wrongType: value) }
                do throws(TimeSpan.ParseError) {
                    let time = try TimeSpan.parse(text)
                    guard time <= longest else { return Mismatch(found: TimeSpan.render(time)) }
                    configuration[keyPath: member] = time
                    return nil
                } catch {
                    return Mismatch(found: error.description)
                }
            },
            render: { TOMLText.string(TimeSpan.render($0[keyPath: member])) })
    }

    fileprivate static func logLevel(
        _ name: String, _ member: Member<Logger.Level>, _ summary: String
    ) -> ConfigurationKey {
        let names = Logger.Level.allCases.map { TOMLText.string($0.rawValue) }
        return ConfigurationKey(
            name: name, summary: summary, expectation: "one of \(names.joined(separator: ", "))",
            read: { value, configuration in
                guard let text = value.string else { return Mismatch(wrongType: value) }
                guard let level = Logger.Level(rawValue: text) else { return Mismatch(found: TOMLText.string(text)) }
                configuration[keyPath: member] = level
                return nil
            },
            render: { TOMLText.string($0[keyPath: member].rawValue) })
    }

    fileprivate static func path(
        _ name: String, _ member: Member<String?>, limit: Int, _ summary: String
    ) -> ConfigurationKey {
        ConfigurationKey(
            name: name, summary: summary, expectation: "an absolute path of at most \(limit) bytes",
            read: { value, configuration in
                guard let path = value.string else { return Mismatch(wrongType: value) }
                guard path.hasPrefix("/") else { return Mismatch(found: TOMLText.string(path)) }
                guard path.utf8.count <= limit else { return Mismatch(found: "one of \(path.utf8.count) bytes") }
                configuration[keyPath: member] = path
                return nil
            },
            render: { $0[keyPath: member].map(TOMLText.string) })
    }
}

extension ConfigurationKey.Mismatch {
    fileprivate init(wrongType value: any TOMLValueConvertible) {
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
