import CorundAPI
import Testing
import Varlink

@testable import CorundService

/// Who may call which method.
struct MethodAccessTests {
    private static let everyRole: AccessRoles = [.observe, .submit, .operate]

    /// What the interfaces' users were promised: each method with the roles that may call it.
    private static let roles: [String: AccessRoles] = [
        "io.corund.Jobs.Run": [.submit, .operate],
        "io.corund.Jobs.Submit": [.submit, .operate],
        "io.corund.Jobs.SubmitMany": [.submit, .operate],
        "io.corund.Jobs.Cancel": [.submit, .operate],
        "io.corund.Jobs.Retry": [.submit, .operate],
        "io.corund.Jobs.Remove": [.submit, .operate],
        "io.corund.Jobs.Get": everyRole,
        "io.corund.Jobs.Wait": everyRole,
        "io.corund.Jobs.Watch": everyRole,
        "io.corund.Jobs.List": everyRole,
        "io.corund.Jobs.Kinds": everyRole,
        "io.corund.Service.Health": everyRole,
        "io.corund.Service.Statistics": everyRole,
        "io.corund.Service.Tasks": [.observe, .operate],
        "io.corund.Service.Contexts": [.observe, .operate],
        "io.corund.Service.Metrics": [.observe, .operate],
        "io.corund.Service.SetDebug": .operate,
        "io.corund.Service.Reload": .operate,
        "io.corund.Service.Pause": .operate,
        "io.corund.Service.Resume": .operate,
        "io.corund.Service.Drain": .operate,
    ]

    private static let users: [(Reception.User, AccessRoles)] = [
        (.root, .operate), (.alice, .submit), (.observer, .observe), (.both, [.submit, .observe]),
        (.operator1005, .operate), (.nobody, []),
    ]

    /// The methods that the interfaces' definitions have.
    private static let methods = [
        (InterfaceName.jobs, InterfaceText.jobs), (InterfaceName.service, InterfaceText.service),
    ].flatMap { name, text in
        text.split(separator: "\n").compactMap { line in
            line.hasPrefix("method ") ? "\(name).\(line.dropFirst("method ".count).prefix { $0 != "(" })" : nil
        }
    }

    @Test func eachMethodHasItsRoles() {
        #expect(Self.methods.sorted() == Self.roles.keys.sorted(), "say here who may call a new method")
    }

    @Test func aMethodAnswersThoseWhoHaveOneOfItsRolesAndNobodyElse() throws {
        try Reception.run { reception in
            for (user, roles) in Self.users {
                let client = try await reception.connect(as: user)
                for method in Self.methods {
                    // Parameters that no method does anything for.
                    let parameters = try RawJSON(validating: #"{"timeout_ms":-1,"group":"nonesuch","ids":[]}"#)
                    let outcome = await Reception.outcome { _ = try await client.call(method, parameters: parameters) }
                    let isAllowed = !roles.isDisjoint(with: Self.roles[method] ?? [])
                    #expect((outcome == Reception.denied) != isAllowed, "\(method) by \(user): \(outcome ?? "done")")
                }
                client.close()
            }
        }
    }

    @Test func everybodyMayAskWhatTheServiceIs() throws {
        try Reception.run { reception in
            let client = try await reception.connect(as: .nobody)
            for method in ["GetInfo", "GetInterfaceDescription"] {
                let parameters = try RawJSON(validating: #"{"interface":"io.corund.Jobs"}"#)
                _ = try await client.call("org.varlink.service.\(method)", parameters: parameters)
            }
        }
    }

    @Test func aDenialNamesTheRolesAndTheKeysThatGiveThem() throws {
        try Reception.run { reception in
            for (user, method, message) in [
                (
                    .alice, "io.corund.Service.Pause",
                    "Pause needs the role operate. An administrator gives it with operate-users or operate-groups"
                ),
                (
                    .observer, "io.corund.Jobs.Cancel",
                    "Cancel needs the role submit or operate. An administrator gives it with submit-users, "
                        + "submit-groups, operate-users or operate-groups"
                ),
                (
                    .nobody, "io.corund.Jobs.Get",
                    "Get needs the role observe, submit or operate. An administrator gives it with observe-users, "
                        + "observe-groups, submit-users, submit-groups, operate-users or operate-groups"
                ),
            ] as [(Reception.User, String, String)] {
                let client = try await reception.connect(as: user)
                await #expect(
                    throws: VarlinkError.permissionDenied("\(message) under [access] in the daemon's configuration")
                ) { _ = try await client.call(method) }
            }
        }
    }

    @Test func supplementaryGroupsCountAsTheFirstOne() throws {
        try Reception.run { reception in
            for (groups, outcome) in [([], Reception.denied), ([7, 1003, 8], nil)] as [([UInt32], String?)] {
                let client = try await reception.connect(as: .nobody, groups: groups)
                #expect(await Reception.outcome { _ = try await client.metrics() } == outcome)
                client.close()
            }
        }
    }

    @Test func aNewPolicyCountsFromTheNextCallOn() throws {
        try Reception.run { reception in
            let (alice, nobody) = (try await reception.connect(as: .alice), try await reception.connect(as: .nobody))
            let id = try await alice.submit(Submission(job: "echo")).id
            #expect(await Reception.outcome { _ = try await nobody.get(id) } == Reception.denied)
            let newcomer = AccessPolicy.Grant(role: .observe, to: .user, [Reception.User.nobody.rawValue])
            reception.apply(AccessPolicy(ownUserID: 1000, grants: [newcomer]))
            #expect(await Reception.outcome { _ = try await nobody.get(id) } == nil)
            #expect(await Reception.outcome { _ = try await alice.get(id) } == Reception.denied)
            reception.apply(Reception.policy)
            #expect(await Reception.outcome { _ = try await alice.get(id) } == nil)
        }
    }
}
