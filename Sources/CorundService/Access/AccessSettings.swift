import TOMLKit

/// Who may do what on the socket, as the administrator says it.
///
/// Users and groups are names or numeric ids.
public struct AccessSettings: Sendable, Equatable {
    /// `observe-users`: the users that see everything.
    public var observeUsers: [String] = []

    /// `observe-groups`: the groups whose members see everything.
    public var observeGroups: [String] = []

    /// `submit-users`: the users that submit jobs, and see their own.
    public var submitUsers: [String] = []

    /// `submit-groups`: the groups whose members submit jobs, and see their own.
    ///
    /// The group of the default need not exist.
    public var submitGroups: [String] = ["corund"]

    /// `operate-users`: the users that may do everything, beside root and the daemon's own.
    public var operateUsers: [String] = []

    /// `operate-groups`: the groups whose members may do everything.
    public var operateGroups: [String] = []

    /// The defaults.
    public init() {}
}

extension AccessSettings: ConfigurationTable {
    /// What may stand in `[access]`.
    public static let keys: [ConfigurationKey<AccessSettings>] = lists.map { list in
        .required(list.key, list.member, .accounts(list.kind), list.summary)
    }

    /// One of the six keys: whom it lists, and what that gives them.
    struct List: Sendable {
        let key: String
        let member: any WritableKeyPath<AccessSettings, [String]> & Sendable
        let role: AccessRoles
        let kind: AccountKind
        let summary: String
    }

    static let lists: [List] = [
        List(
            key: "observe-users", member: \.observeUsers, role: .observe, kind: .user,
            summary: "Users that see everything."),
        List(
            key: "observe-groups", member: \.observeGroups, role: .observe, kind: .group,
            summary: "Groups whose members see everything."),
        List(
            key: "submit-users", member: \.submitUsers, role: .submit, kind: .user,
            summary: "Users that submit jobs, and see and end their own."),
        List(
            key: "submit-groups", member: \.submitGroups, role: .submit, kind: .group,
            summary: "Groups whose members submit jobs, and see and end their own."),
        List(
            key: "operate-users", member: \.operateUsers, role: .operate, kind: .user,
            summary: "Users that may do everything."),
        List(
            key: "operate-groups", member: \.operateGroups, role: .operate, kind: .group,
            summary: "Groups whose members may do everything."),
    ]
}

extension ConfigurationValue<[String]> {
    /// Names or ids of users, or of groups; whether there are such is not looked at here.
    static func accounts(_ kind: AccountKind) -> Self {
        Self(
            expectation: "an array of \(kind) names and numeric ids",
            parse: { toml in
                guard let array = toml.array else { return .failure(Mismatch(wrongType: toml)) }
                var accounts: [String] = []
                for value in array {
                    guard let account = value.string ?? value.int.map(String.init) else {
                        return .failure(Mismatch(found: "\(Mismatch(wrongType: value).found) in it"))
                    }
                    accounts.append(account)
                }
                return .success(accounts)
            },
            render: { "[\($0.map(TOMLText.string).joined(separator: ", "))]" })
    }
}
