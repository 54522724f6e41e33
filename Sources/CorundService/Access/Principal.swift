import Varlink

/// Who asks for something, and what that user may see and change.
///
/// Pure. What a principal may not see does not exist for it.
struct Principal: Sendable, Equatable {
    let peer: Peer
    let roles: AccessRoles

    var userID: UInt32 { peer.userID }

    /// The user whose jobs are all that there is for it; nil: it sees everybody's.
    var onlyOwner: UInt32? { roles.isDisjoint(with: [.observe, .operate]) ? userID : nil }

    /// Whether it may see jobs of that user; nil is nobody, who has none.
    func sees(jobsOf owner: UInt32?) -> Bool {
        guard let owner else { return false }
        return onlyOwner == nil || owner == onlyOwner
    }

    /// Whether it may change jobs of that user.
    func mayChange(jobsOf owner: UInt32) -> Bool {
        roles.contains(.operate) || owner == userID
    }
}

extension Call {
    /// The caller, with the roles that it had when it called.
    var principal: Principal { Principal(peer: peer, roles: AccessRoles(rawValue: access)) }
}
