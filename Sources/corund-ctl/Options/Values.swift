public import ArgumentParser
public import CorundAPI
import CorundCommandLine

// What options take, and what is said of what they do not take.

extension TimeSpan {
    @Sendable static func argument(_ text: String) throws -> Duration {
        do { return try parse(text) } catch {
            throw ValidationError("\(error); write a time such as 500ms, 10s, 2min, 1h 30min or 7d")
        }
    }
}

extension StartTime {
    @Sendable static func argument(_ text: String) throws -> StartTime {
        guard let time = StartTime(text) else {
            throw ValidationError(
                "write an RFC 3339 time, such as 2026-11-21T03:40:00Z or 2026-11-21T04:40:00+01:00, or a time of day "
                    + "such as 03:40")
        }
        return time
    }
}

extension JobState: ExpressibleByArgument {}
