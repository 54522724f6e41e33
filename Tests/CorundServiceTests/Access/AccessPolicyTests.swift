import Testing
import Varlink

@testable import CorundService

struct AccessPolicyTests {
    private static let policy = AccessPolicy(
        ownUserID: 500,
        grants: [
            AccessPolicy.Grant(role: .observe, to: .user, [1, 500]),
            AccessPolicy.Grant(role: .observe, to: .group, [10]),
            AccessPolicy.Grant(role: .submit, to: .user, [2]),
            AccessPolicy.Grant(role: .submit, to: .group, [20, 21]),
            AccessPolicy.Grant(role: .operate, to: .user, [3]),
            AccessPolicy.Grant(role: .operate, to: .group, [30]),
        ])

    private static let peers: [(user: UInt32, group: UInt32, groups: [UInt32], roles: AccessRoles)] = [
        // Root and the daemon's own user, in whatever groups.
        (0, 99, [], .operate), (0, 10, [20], .operate), (500, 99, [], .operate),
        // Users, and a group of the same number as a user's.
        (1, 99, [], .observe), (2, 99, [], .submit), (3, 99, [], .operate), (99, 1, [2, 3], []),
        // Primary and supplementary groups.
        (99, 10, [], .observe), (99, 99, [98, 10], .observe), (99, 21, [], .submit), (99, 99, [30], .operate),
        // A user of the same number as a group's.
        (10, 99, [], []),
        // Several at once.
        (1, 20, [], [.observe, .submit]), (2, 99, [10], [.observe, .submit]),
        (99, 10, [20, 30], [.observe, .submit, .operate]),
        (99, 99, [], []), (.max, .max, [.max], []),
    ]

    @Test(arguments: peers)
    func aPeerHasTheRolesOfItsUserAndOfAllItsGroups(
        user: UInt32, group: UInt32, groups: [UInt32], roles: AccessRoles
    ) {
        let peer = Peer(processID: 1, userID: user, groupID: group, supplementaryGroupIDs: groups)
        #expect(Self.policy.roles(of: peer) == roles)
    }

    @Test func withoutGrantsOnlyRootAndTheDaemonsOwnUserMayDoAnything() {
        let policy = AccessPolicy(ownUserID: 500, grants: [])
        for (user, roles) in [(0, .operate), (500, .operate), (1000, [])] as [(UInt32, AccessRoles)] {
            #expect(policy.roles(of: Peer(processID: 1, userID: user, groupID: 0)) == roles)
        }
    }

    @Test(
        arguments: [
            ([], true, false), (.submit, true, false), (.observe, false, false), ([.submit, .observe], false, false),
            (.operate, false, true), ([.submit, .operate], false, true),
        ] as [(AccessRoles, Bool, Bool)])
    func aPrincipalSeesItsOwnJobsOrAll(roles: AccessRoles, isLimited: Bool, changesAll: Bool) {
        let principal = Principal(userID: 7, roles: roles)
        #expect(principal.onlyOwner == (isLimited ? 7 : nil))
        #expect([7, 8, nil].map { principal.sees(jobsOf: $0) } == [true, !isLimited, false])
        #expect([7, 8].map { principal.mayChange(jobsOf: $0) } == [true, changesAll])
    }
}
