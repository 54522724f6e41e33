import Foundation
import Testing

@testable import CorundService

/// The shipped `config/corund.toml` and the keys tell the same story.
struct ShippedConfigurationTests {
    private let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../config/corund.toml").standardizedFileURL.path

    private func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    /// The lines of the part that `#[header` begins, which ends with the next one; those before the first one for nil.
    private func lines(of header: String?) throws -> [Substring] {
        let lines = try text().split(separator: "\n", omittingEmptySubsequences: false)
        guard let header else { return Array(lines.prefix { !$0.hasPrefix("#[") }) }
        let start = try #require(lines.firstIndex { $0.hasPrefix("#[\(header)") })
        return Array(lines[start...].prefix(1) + lines[(start + 1)...].prefix { !$0.hasPrefix("#[") })
    }

    /// Checks what stands above a key, and gives the document that its line is without the `#`.
    private func check<Settings>(_ key: ConfigurationKey<Settings>, under header: String? = nil) throws -> String {
        let lines = try lines(of: header)
        let index = try #require(
            lines.firstIndex { $0.hasPrefix("#\(key.name) = ") }, "no line that begins #\(key.name) =")
        let comment = lines[..<index].reversed().prefix { $0.hasPrefix("# ") }.reversed()
            .map { $0.dropFirst(2) }.joined(separator: " ")
        #expect(comment.contains(key.expectation), "the comment above #\(key.name) must say: \(key.expectation)")
        #expect(comment.hasPrefix(key.summary), "the comment above #\(key.name) must begin: \(key.summary)")
        return String(lines[index].dropFirst())
    }

    /// The names of the keys that stand in a part of the file, commented or not.
    private func names(under header: String? = nil) throws -> [String] {
        try lines(of: header).compactMap { line in
            let assignment = line.drop { $0 == "#" }
            guard let first = assignment.first, first != " ", first != "[" else { return nil }
            return assignment.split(separator: " ").first.map(String.init)
        }
    }

    @Test func itLoadsAndDiffersFromTheDefaultsInPoolTimeoutAlone() throws {
        let configuration = try Configuration.load(file: path, isRequired: true)
        #expect(configuration.keysThatDiffer(from: Configuration()) == ["pool-timeout"])
        #expect(configuration.poolTimeout == .seconds(30))
    }

    @Test(arguments: Configuration.keys.map(\.name))
    func everyKeyStandsInItWithItsDefaultAndWhatItTakes(name: String) throws {
        let key = try #require(Configuration.keys.first { $0.name == name })
        // The commented line, uncommented, sets the default; where there is none it shows an example.
        let configuration = try Configuration(toml: check(key), file: path)
        let expected = key.defaultValue == nil ? [name] : []
        #expect(configuration.keysThatDiffer(from: Configuration()) == expected)
    }

    @Test func nothingStandsInItThatIsNoKey() throws {
        #expect(Set(try names()) == Set(Configuration.keys.map(\.name)))
        #expect(try names(under: "access") == AccessSettings.keys.map(\.name))
        #expect(try names(under: "groups.") == GroupSettings.keys.map(\.name))
        #expect(try names(under: "commands.") == CommandSettings.keys.map(\.name))
    }

    @Test(arguments: AccessSettings.keys.map(\.name))
    func everyKeyOfAccessStandsInItWithItsDefault(name: String) throws {
        let key = try #require(AccessSettings.keys.first { $0.name == name })
        #expect(try check(key, under: "access") == "\(name) = \(key.defaultValue ?? "")")
    }

    @Test(arguments: GroupSettings.keys.map(\.name))
    func everyKeyOfAGroupStandsInIt(name: String) throws {
        let key = try #require(GroupSettings.keys.first { $0.name == name })
        let toml = try check(key, under: "groups.")
        #expect(try Configuration(toml: "[groups.x]\n\(toml)", file: path).groups["x"] != GroupSettings())
    }

    @Test(arguments: CommandSettings.keys.map(\.name))
    func everyKeyOfACommandStandsInItWithItsDefault(name: String) throws {
        let key = try #require(CommandSettings.keys.first { $0.name == name })
        let value = try check(key, under: "commands.").dropFirst("\(name) = ".count)
        guard !["argv", "arguments"].contains(name), let expected = key.defaultValue else { return }
        #expect(value == expected)
    }

    @Test func itsExamplesOfAGroupAndACommandAreRight() throws {
        let examples = try (lines(of: "groups.") + lines(of: "commands."))
            .filter { $0.hasPrefix("#") && !$0.hasPrefix("# ") }.map { $0.dropFirst() }
        // The argument of the example for stdin is not the program's.
        let toml = examples.filter { !$0.hasPrefix("stdin") }.joined(separator: "\n")
        let configuration = try Configuration(toml: toml, file: path)
        #expect(configuration.groups["backup"]?.limit == 1)
        #expect(configuration.commands["backup"]?.argv.count == 3)
    }
}
