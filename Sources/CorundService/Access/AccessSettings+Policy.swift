import Glibc

extension AccessSettings {
    /// Who has which role, by numbers.
    ///
    /// It looks names up, which may take a while: not to be called on the loop.
    ///
    /// - Parameters:
    ///   - ownUserID: the daemon's own user.
    ///   - accounts: where names are looked up.
    /// - Returns: the policy.
    /// - Throws: ``ConfigurationError`` for names that there are not. (Those of files were refused when they were read.)
    func policy(
        ownUserID: UInt32 = geteuid(), accounts: AccountDirectory = .system
    ) throws(ConfigurationError) -> AccessPolicy {
        let (grants, findings) = resolve(accounts)
        guard findings.isEmpty else {
            throw ConfigurationError(
                problems: findings.map { finding in
                    let key = (["access"] + finding.path).joined(separator: ".")
                    return .init(file: "configuration", key: key, message: finding.message)
                })
        }
        return AccessPolicy(ownUserID: ownUserID, grants: grants)
    }

    /// Who has which role, as far as there are such users and groups, and the names that there are not.
    ///
    /// Of a default, what does not exist has no role, and nothing is wrong with that.
    func resolve(
        _ accounts: AccountDirectory
    ) -> (grants: [AccessPolicy.Grant], findings: [ConfigurationFinding]) {
        var findings: [ConfigurationFinding] = []
        let grants = Self.lists.map { list in
            let ids = self[keyPath: list.member].compactMap { account -> UInt32? in
                do throws(AccountDirectory.Failure) { return try accounts.id(of: account, list.kind) } catch {
                    if !isDefault(list) {
                        findings.append(ConfigurationFinding(path: [list.key], message: error.message))
                    }
                    return nil
                }
            }
            return AccessPolicy.Grant(role: list.role, to: list.kind, Set(ids))
        }
        return (grants, findings)
    }

    /// Whether the list is as it is when nobody has said anything.
    private func isDefault(_ list: List) -> Bool {
        self[keyPath: list.member] == AccessSettings()[keyPath: list.member]
    }
}
