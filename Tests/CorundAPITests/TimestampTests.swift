import CorundAPI
import CorundLoop
import Testing
import Varlink

struct TimestampTests {
    private static let second: Int64 = 1_000_000
    private static let day: Int64 = 86_400 * second

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000Z"),
        (1, "1970-01-01T00:00:00.000001Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
        (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
        (1_795_232_401_123_456, "2026-11-21T03:40:01.123456Z"),
        (-62_167_219_200_000_000, "0000-01-01T00:00:00.000000Z"),
        (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
    ])
    func hasOneTextAndIsReadFromIt(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).description == text)
        #expect(Timestamp(text)?.microseconds == microseconds)
    }

    @Test func comesBackFromItsTextWhateverItIs() {
        var generator = SplitMix64(seed: 1)
        let years0To9999 = -62_167_219_200_000_000...253_402_300_799_999_999 as ClosedRange<Int64>
        for _ in 0..<20_000 {
            let timestamp = Timestamp(microseconds: .random(in: years0To9999, using: &generator))
            #expect(Timestamp(timestamp.description) == timestamp)
        }
    }

    /// Against a calendar that counts days one month after another, over every kind of leap year.
    @Test func knowsTheCalendar() throws {
        var day = try #require(Timestamp("1896-01-01T00:00:00Z")).microseconds / Self.day
        for year in 1896...2404 {
            for month in 1...12 {
                let length = Self.days(in: month, of: year)
                let first = Timestamp(microseconds: day * Self.day).description
                let last = Timestamp(microseconds: (day + length - 1) * Self.day).description
                #expect(first.hasPrefix(Self.text(year, month, 1)))
                #expect(last.hasPrefix(Self.text(year, month, length)))
                #expect(Timestamp(first)?.microseconds == day * Self.day)
                #expect(Timestamp("\(Self.text(year, month, length + 1))T00:00:00Z") == nil)
                day += length
            }
        }
    }

    private static func days(in month: Int, of year: Int) -> Int64 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    private static func text(_ year: Int, _ month: Int, _ day: Int64) -> String {
        "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
    }

    @Test(arguments: [
        ("2026-11-21T03:40:01Z", "2026-11-21T03:40:01.000000Z"),
        ("2026-11-21t03:40:01z", "2026-11-21T03:40:01.000000Z"),
        ("2026-11-21 03:40:01Z", "2026-11-21T03:40:01.000000Z"),
        ("2026-11-21T03:40:01.5Z", "2026-11-21T03:40:01.500000Z"),
        ("2026-11-21T03:40:01.123456789Z", "2026-11-21T03:40:01.123456Z"),
        ("2026-11-21T03:40:01+02:00", "2026-11-21T01:40:01.000000Z"),
        ("2026-11-21T03:40:01-00:30", "2026-11-21T04:10:01.000000Z"),
        ("2026-12-31T23:59:59.25-23:59", "2027-01-01T23:58:59.250000Z"),
        ("2026-11-21T03:40:01-00:00", "2026-11-21T03:40:01.000000Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z"),
    ])
    func readsAllOfRFC3339(text: String, meaning: String) {
        #expect(Timestamp(text)?.description == meaning)
    }

    @Test(arguments: [
        "", "now", "2026-11-21", "2026-11-21T03:40Z", "2026-11-21T03:40:01", "2026-11-21T03:40:01.Z",
        "2026-11-21T03:40:01+0200", "2026-11-21T03:40:01+02", "2026-11-21T03:40:01 Z", "2026-11-21T03:40:01Zx",
        " 2026-11-21T03:40:01Z", "26-11-21T03:40:01Z", "2026-1-21T03:40:01Z", "2026-13-21T03:40:01Z",
        "2026-00-21T03:40:01Z", "2026-11-00T03:40:01Z", "2026-11-31T03:40:01Z", "2026-02-29T03:40:01Z",
        "1900-02-29T03:40:01Z", "2026-11-21T24:00:00Z", "2026-11-21T03:60:01Z", "2026-11-21T03:40:61Z",
        "2026-11-21T03:40:01+24:00", "2026-11-21T03:40:01+00:60", "2026-11-21T03:40:01-99:99", "+026-11-21T03:40:01Z",
        "２026-11-21T03:40:01Z", "2026-11-21T03:40:01.-1Z",
    ])
    func readsNothingElse(text: String) {
        #expect(Timestamp(text) == nil)
    }

    /// What would be in the year -1 or 10000 in UTC has no text.
    @Test(arguments: ["0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"])
    func readsNothingThatItCouldNotWrite(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func ordersByTime() {
        var generator = SplitMix64(seed: 2)
        for _ in 0..<1000 {
            let (left, right) = (
                Int64.random(in: 0...1 << 50, using: &generator), Int64.random(in: 0...1 << 50, using: &generator)
            )
            #expect((Timestamp(microseconds: left) < Timestamp(microseconds: right)) == (left < right))
        }
    }

    @Test func isAStringOnTheWire() throws {
        let timestamp = Timestamp(microseconds: 1_795_232_401_123_456)
        #expect(try RawJSON(encoding: timestamp).description == #""2026-11-21T03:40:01.123456Z""#)
        #expect(try RawJSON(validating: #""2026-11-21T03:40:01.123456Z""#).decode(Timestamp.self) == timestamp)
    }

    @Test(arguments: [#""soon""#, "1795232401", "null"])
    func nothingElseOnTheWireIsATimestamp(json: String) throws {
        let raw = try RawJSON(validating: json)
        #expect(throws: DecodingError.self) { try raw.decode(Timestamp.self) }
    }
}
