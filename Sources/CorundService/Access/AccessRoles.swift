/// What a peer of the socket may do.
///
/// Pure.
struct AccessRoles: OptionSet, Sendable, Hashable {
    let rawValue: UInt32

    /// To see everything.
    static let observe = AccessRoles(rawValue: 1 << 0)
    /// To submit jobs, and to see and end those of one's own.
    static let submit = AccessRoles(rawValue: 1 << 1)
    /// To do everything.
    static let operate = AccessRoles(rawValue: 1 << 2)

    /// Each role with its name, as the configuration and error messages have it.
    static let names: [(role: AccessRoles, name: String)] = [
        (.observe, "observe"), (.submit, "submit"), (.operate, "operate"),
    ]
}
