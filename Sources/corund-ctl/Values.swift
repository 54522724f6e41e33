public import ArgumentParser
public import CorundAPI
import CorundCommandLine

// What options take, and what is said of what they do not take.

extension TimeSpan {
    @Sendable static func argument(_ text: String) throws -> TimeSpan {
        guard let span = TimeSpan(text) else {
            throw ValidationError("write a number with a unit, such as 500ms, 10s, 2min, 1h30min or 7d")
        }
        return span
    }
}

extension Timestamp {
    @Sendable static func argument(_ text: String) throws -> Timestamp {
        guard let timestamp = Timestamp(text) else {
            throw ValidationError("write an RFC 3339 time, such as 2026-11-21T03:40:00Z or 2026-11-21T04:40:00+01:00")
        }
        return timestamp
    }
}

extension JobState: ExpressibleByArgument {}
