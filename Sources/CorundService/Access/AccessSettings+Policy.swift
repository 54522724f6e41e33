import Glibc
import Logging

extension AccessSettings {
    /// What has become of the names.
    struct Resolution: Sendable {
        /// Who has which role, as far as there are such users and groups.
        fileprivate(set) var grants: [AccessPolicy.Grant] = []
        /// The names that there are not.
        fileprivate(set) var findings: [ConfigurationFinding] = []
        /// Those that there need not be, since nobody has written them.
        fileprivate var defaultsOfNobody: [(list: List, failure: AccountDirectory.Failure)] = []
    }

    /// Looks the names up.
    ///
    /// That may take a while: not to be called on the loop.
    func resolve(_ accounts: AccountDirectory = .system) -> Resolution {
        var resolution = Resolution()
        for list in Self.lists {
            var ids: Set<UInt32> = []
            for account in self[keyPath: list.member] {
                do throws(AccountDirectory.Failure) { ids.insert(try accounts.id(of: account, list.kind)) } catch {
                    if isDefault(list) {
                        resolution.defaultsOfNobody.append((list, error))
                    } else {
                        resolution.findings.append(ConfigurationFinding(path: [list.key], message: error.message))
                    }
                }
            }
            resolution.grants.append(AccessPolicy.Grant(role: list.role, to: list.kind, ids))
        }
        return resolution
    }

    /// Whether the list is as it is when nobody has said anything.
    private func isDefault(_ list: List) -> Bool {
        self[keyPath: list.member] == AccessSettings()[keyPath: list.member]
    }
}

extension AccessSettings.Resolution {
    /// Who has which role, by numbers.
    ///
    /// - Parameter ownUserID: the daemon's own user.
    /// - Returns: the policy.
    /// - Throws: ``ConfigurationError`` for names that there are not. (Those of files were refused when they were read.)
    func policy(ownUserID: UInt32 = geteuid()) throws(ConfigurationError) -> AccessPolicy {
        guard findings.isEmpty else {
            throw ConfigurationError(
                problems: findings.map { finding in
                    let key = (["access"] + finding.path).joined(separator: ".")
                    return .init(file: "configuration", key: key, message: finding.message)
                })
        }
        return AccessPolicy(ownUserID: ownUserID, grants: grants)
    }

    /// Says which defaults give nobody a role: nothing is wrong with a group that there is not, but somebody may wonder.
    func report(to logger: Logger) {
        for (list, failure) in defaultsOfNobody {
            logger.log(
                level: failure.isAbsence ? .info : .warning,
                "the default of access.\(list.key) gives nobody a role: \(failure.message)")
        }
    }
}
