import Varlink

/// Which peer has which role.
///
/// Pure: names of users and groups have become numbers before.
struct AccessPolicy: Sendable, Equatable {
    /// The users that always operate: root and the daemon's own.
    let operators: Set<UInt32>
    let grants: [Grant]

    /// A role, and the users or groups that have it.
    struct Grant: Sendable, Equatable {
        let role: AccessRoles
        let kind: AccountKind
        let ids: Set<UInt32>

        init(role: AccessRoles, to kind: AccountKind, _ ids: Set<UInt32>) {
            self.role = role
            self.kind = kind
            self.ids = ids
        }
    }

    /// - Parameters:
    ///   - ownUserID: the daemon's own user.
    ///   - grants: who has which role besides it and root.
    init(ownUserID: UInt32, grants: [Grant]) {
        operators = [0, ownUserID]
        self.grants = grants
    }

    func roles(of peer: Peer) -> AccessRoles {
        if operators.contains(peer.userID) { return .operate }
        let groups = peer.supplementaryGroupIDs + [peer.groupID]
        return grants.reduce(into: []) { roles, grant in
            let isMet =
                switch grant.kind {
                case .user: grant.ids.contains(peer.userID)
                case .group: groups.contains(where: grant.ids.contains)
                }
            if isMet { roles.formUnion(grant.role) }
        }
    }
}

extension VarlinkServer {
    /// Lets each peer do what the policy says, from its next call on.
    func apply(_ policy: AccessPolicy) {
        assess = { policy.roles(of: $0).rawValue }
    }
}
