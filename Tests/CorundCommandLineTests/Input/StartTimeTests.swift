import CorundAPI
import CorundCommandLine
import Glibc
import Testing

@Suite("When a job may start")
struct StartTimeTests {
    @Test("is a point in time, or a time of day")
    func parsing() throws {
        #expect(StartTime("2026-11-21T03:40:00Z") == .at(try #require(Timestamp("2026-11-21T03:40:00Z"))))
        #expect(StartTime("03:40") == .next(hour: 3, minute: 40))
        #expect(StartTime("23:59") == .next(hour: 23, minute: 59))
    }

    @Test(
        "and nothing else",
        arguments: ["", "tomorrow", "24:00", "3:40", "03:60", "03:40:00", "-1:00", "+3:40", "0３:40"])
    func refused(text: String) {
        #expect(StartTime(text) == nil)
    }

    @Test("a time of day is the next one, today or tomorrow", arguments: [0, 3, 12, 23])
    func next(hour: Int) throws {
        for now in ["2026-11-21T03:40:00Z", "2026-11-21T23:59:59Z", "2026-12-31T12:00:00Z"] {
            let now = try #require(Timestamp(now))
            let start = StartTime.next(hour: hour, minute: 40).timestamp(after: now)
            var seconds = time_t(start.microseconds / 1_000_000)
            var local = tm()
            localtime_r(&seconds, &local)
            #expect((local.tm_hour, local.tm_min, local.tm_sec) == (CInt(hour), 40, 0))
            #expect(start > now)
            // A day with 25 hours is the longest.
            #expect(start.microseconds - now.microseconds <= 25 * 3_600_000_000)
        }
    }
}
