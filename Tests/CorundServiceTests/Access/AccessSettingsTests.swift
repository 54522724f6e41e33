import CorundLoop
import Logging
import SystemPackage
import Testing
import Varlink

@testable import CorundService

/// `[access]`: what may stand there, and whom it names.
struct AccessSettingsTests {
    /// Users and groups that are there without any system's help.
    private static let accounts = AccountDirectory { kind, name throws(SystemCallError) in
        switch (kind, name) {
        case (.user, "alice"): 1001
        case (.user, "bob"): 1002
        case (.group, "staff"): 50
        case (.group, "corund"): 990
        case (_, "broken"): throw SystemCallError("getgrnam", errno: .ioError)
        default: nil
        }
    }

    private static func read(
        _ documents: String..., accounts: AccountDirectory = accounts
    ) throws(ConfigurationError) -> Configuration {
        var reader = ConfigurationReader(accounts: accounts)
        for (number, toml) in documents.enumerated() { reader.read(toml: toml, file: "c\(number)") }
        return try reader.finish()
    }

    private static func problems(_ body: () throws(ConfigurationError) -> Void) -> [String] {
        do throws(ConfigurationError) {
            try body()
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    @Test func eachKeyGivesItsRole() throws {
        let configuration = try Self.read(
            """
            [access]
            observe-users = ["alice", "7"]
            observe-groups = ["staff"]
            submit-users = [8]
            submit-groups = []
            operate-users = ["bob"]
            operate-groups = ["4294967294", 0]
            """)
        var expected = AccessSettings()
        expected.observeUsers = ["alice", "7"]
        expected.observeGroups = ["staff"]
        expected.submitUsers = ["8"]
        expected.submitGroups = []
        expected.operateUsers = ["bob"]
        expected.operateGroups = ["4294967294", "0"]
        #expect(configuration.access == expected)
        let policy = try expected.resolve(Self.accounts).policy(ownUserID: 500)
        #expect(
            policy
                == AccessPolicy(
                    ownUserID: 500,
                    grants: [
                        AccessPolicy.Grant(role: .observe, to: .user, [1001, 7]),
                        AccessPolicy.Grant(role: .observe, to: .group, [50]),
                        AccessPolicy.Grant(role: .submit, to: .user, [8]),
                        AccessPolicy.Grant(role: .submit, to: .group, []),
                        AccessPolicy.Grant(role: .operate, to: .user, [1002]),
                        AccessPolicy.Grant(role: .operate, to: .group, [4_294_967_294, 0]),
                    ]))
        #expect(try Self.read(configuration.render()) == configuration)
        #expect(configuration.keysThatDiffer(from: Configuration()) == AccessSettings.keys.map { "access.\($0.name)" })
    }

    @Test func theGroupOfTheDefaultSubmitsWhereThereIsOne() throws {
        let member = Peer(processID: 1, userID: 1, groupID: 1, supplementaryGroupIDs: [990])
        let empty = AccountDirectory { _, _ throws(SystemCallError) in nil }
        let broken = AccountDirectory { _, _ throws(SystemCallError) in throw SystemCallError("x", errno: .ioError) }
        let nobody = "the default of access.submit-groups gives nobody a role:"
        let cases: [(AccountDirectory, AccessRoles, [LogEntries.Entry])] = [
            (Self.accounts, .submit, []),
            (empty, [], [.init(.info, "\(nobody) there is no group \"corund\" on this machine")]),
            (broken, [], [.init(.warning, "\(nobody) the group \"corund\" cannot be looked up: \(Errno.ioError)")]),
        ]
        for (accounts, roles, expected) in cases {
            for toml in ["", "[access]\nsubmit-groups = [\"corund\"]", Configuration().render()] {
                let settings = try Self.read(toml, accounts: accounts).access
                let entries = LogEntries()
                let resolution = settings.resolve(accounts)
                #expect(try resolution.policy(ownUserID: 500).roles(of: member) == roles)
                resolution.report(to: Logger(label: "test") { _ in RecordingLogHandler(entries: entries) })
                #expect(entries.all == expected)
            }
        }
    }

    @Test func whoDoesNotExistIsRefusedWithFileLineAndKey() {
        let toml = """
            # A comment.
            [access]
            observe-users = ["alice", "alize"]
            submit-groups = [
                "corund", "staf",
            ]
            operate-groups = ["alice", "broken", "4294967295"]
            operate-users = ["99999999999", ""]
            """
        #expect(
            Self.problems { () throws(ConfigurationError) in _ = try Self.read(toml) } == [
                "c0:3: access.observe-users: there is no user \"alize\" on this machine",
                "c0:4: access.submit-groups: there is no group \"staf\" on this machine",
                "c0:7: access.operate-groups: there is no group \"alice\" on this machine",
                "c0:7: access.operate-groups: the group \"broken\" cannot be looked up: \(Errno.ioError)",
                "c0:7: access.operate-groups: 4294967295 is too large for a group id",
                "c0:8: access.operate-users: 99999999999 is too large for a user id",
                "c0:8: access.operate-users: there is no user \"\" on this machine",
            ])
    }

    @Test func whatCountsIsTheFileThatSetsTheKeyLast() throws {
        let (wrong, right) = ("[access]\nsubmit-users = [\"nonesuch\"]", "\n[access]\nsubmit-users = [\"bob\"]")
        #expect(try Self.read(wrong, right).access.submitUsers == ["bob"])
        #expect(
            Self.problems { () throws(ConfigurationError) in _ = try Self.read(right, wrong) } == [
                "c1:2: access.submit-users: there is no user \"nonesuch\" on this machine"
            ])
    }

    @Test(arguments: [
        ("submit-users = \"alice\"", "expected an array of user names and numeric ids, found a string"),
        ("submit-users = [[]]", "expected an array of user names and numeric ids, found an array in it"),
        ("observe-groups = [true]", "expected an array of group names and numeric ids, found a boolean in it"),
        ("submit-users = [-1]", "there is no user \"-1\" on this machine"),
    ])
    func aWrongValueIsRefused(line: String, problem: String) {
        let key = line.split(separator: " ")[0]
        #expect(
            Self.problems { () throws(ConfigurationError) in _ = try Self.read("[access]\n\(line)") } == [
                "c0:2: access.\(key): \(problem)"
            ])
    }

    @Test func anUnknownKeyIsRefused() {
        for (toml, problem) in [
            ("[access]\nsubmit-group = []", "c0:2: access.submit-group: unknown key; did you mean submit-groups?"),
            ("access = 1", "c0:1: access: expected a table, as [access], found an integer"),
        ] {
            #expect(Self.problems { () throws(ConfigurationError) in _ = try Self.read(toml) } == [problem])
        }
    }

    @Test func settingsOfAProgramThatNameNobodyAreRefused() {
        var settings = AccessSettings()
        settings.operateUsers = ["nonesuch"]
        #expect(
            Self.problems { () throws(ConfigurationError) in
                _ = try settings.resolve(Self.accounts).policy()
            } == [
                "configuration: access.operate-users: there is no user \"nonesuch\" on this machine"
            ])
    }

    @Test func theSystemKnowsRootAndNoNonesuch() throws {
        for kind in [AccountKind.user, .group] {
            #expect(try AccountDirectory.system.id(of: "root", kind) == 0)
            #expect(throws: AccountDirectory.Failure.self) {
                try AccountDirectory.system.id(of: "no-such-account-here", kind)
            }
        }
    }
}
