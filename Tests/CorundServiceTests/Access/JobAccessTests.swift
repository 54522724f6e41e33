import CorundAPI
import Testing
import Varlink

@testable import CorundService

/// Whose jobs a caller sees and changes.
///
/// Job 1 is Alice's and job 2 Bob's, and both have ended; jobs 3 and 4 are theirs too, and do not end by themselves.
struct JobAccessTests {
    private static let jobs: [(id: String, owner: Reception.User, hasEnded: Bool)] = [
        ("1", .alice, true), ("2", .bob, true), ("3", .alice, false), ("4", .bob, false),
    ]

    private static func run(_ body: @escaping (Reception) async throws -> Void) throws {
        try Reception.run { reception in
            for job in jobs {
                let client = try await reception.connect(as: job.owner)
                let arguments = try RawJSON(validating: #"{"seconds":\#(job.hasEnded ? 0 : 3600)}"#)
                // No job that has ended succeeds: only then it can be retried.
                let kind = job.hasEnded ? "fail" : "sleep"
                let submission = Submission(job: kind, arguments: job.hasEnded ? nil : arguments)
                #expect(try await client.submit(submission).id == job.id)
                if job.hasEnded { _ = try await client.wait(for: job.id) }
                client.close()
            }
            try await body(reception)
        }
    }

    private enum View { case own, all }
    private static let views: [(Reception.User, View)] = [
        (.alice, .own), (.bob, .own), (.observer, .all), (.both, .all), (.operator1005, .all), (.root, .all),
    ]

    // MARK: Seeing

    @Test func whatACallerMayNotSeeDoesNotExistForIt() throws {
        try Self.run { reception in
            for (user, view) in Self.views {
                for job in Self.jobs {
                    let client = try await reception.connect(as: user)
                    let expected = view == .all || job.owner == user ? nil : Reception.noSuchJob
                    let seen = await Reception.outcome { _ = try await client.get(job.id) }
                    #expect(seen == expected)
                    if job.hasEnded || seen != nil {
                        #expect(await Reception.outcome { _ = try await client.wait(for: job.id) } == expected)
                    }
                    // Last: what is called after it on its connection is answered when it ends.
                    #expect(await Reception.outcome { _ = try await client.watch(job.id).next() } == expected)
                    client.close()
                }
            }
        }
    }

    @Test func aListHasWhatTheCallerMaySeeAndItsPagesAreFull() throws {
        try Self.run { reception in
            let (alice, observer) = (
                try await reception.connect(as: .alice), try await reception.connect(as: .observer)
            )
            #expect(try await observer.list().jobs.map(\.ownerUID) == [1002, 1001, 1002, 1001])
            #expect(try await alice.list().jobs.map(\.id) == ["3", "1"])
            var filter = JobFilter()
            filter.limit = 1
            let first = try await alice.list(filter)
            #expect((first.jobs.map(\.id), first.next) == (["3"], "3"))
            filter.before = first.next
            let second = try await alice.list(filter)
            #expect((second.jobs.map(\.id), second.next) == (["1"], nil))
            let (both, own) = (Principal(userID: 1004, roles: .observe), Principal(userID: 1002, roles: .submit))
            #expect((both.onlyOwner, own.onlyOwner) == (nil, 1002))
        }
    }

    @Test func aListOfPageAfterPageHasNoOthersEither() throws {
        try Self.run { reception in
            let bob = try await reception.connect(as: .bob)
            let pages = bob.stream("io.corund.Jobs.List", parameters: try RawJSON(validating: #"{"limit":1}"#))
            var ids: [String] = []
            for try await page in pages { ids += try page.decode(ListResult.self).jobs.map(\.id) }
            #expect(ids == ["4", "2"])
        }
    }

    // MARK: Changing

    /// What becomes of somebody who wants to change a job: nil when it is done.
    private static func expected(_ user: Reception.User, _ owner: Reception.User) -> String? {
        switch user {
        case .root, .operator1005: nil
        case .alice, .bob: user == owner ? nil : Reception.noSuchJob
        case .both, .observer, .nobody: Reception.denied
        }
    }

    @Test(arguments: Reception.User.allCases) func oneCancelsOnesOwnJobs(user: Reception.User) throws {
        try Self.run { reception in
            let client = try await reception.connect(as: user)
            for (id, owner) in [("3", .alice), ("4", .bob)] as [(String, Reception.User)] {
                let outcome = await Reception.outcome { _ = try await client.cancel(id, grace: .seconds(60)) }
                #expect(outcome == Self.expected(user, owner))
                let job = try await reception.board.job(JobID(UInt64(id) ?? 0), for: Workshop.principal)
                #expect((job.state == .cancelled) == (outcome == nil), "job \(id) is \(job.state)")
            }
        }
    }

    @Test(arguments: Reception.User.allCases) func oneRetriesOnesOwnJobs(user: Reception.User) throws {
        try Self.run { reception in
            let client = try await reception.connect(as: user)
            for (id, owner) in [("1", .alice), ("2", .bob)] as [(String, Reception.User)] {
                let outcome = await Reception.outcome { try await client.retry(id) }
                #expect(outcome == Self.expected(user, owner))
                let job = try await reception.board.end(of: JobID(UInt64(id) ?? 0), for: Workshop.principal)
                #expect(job.attempt == (outcome == nil ? 2 : 1))
            }
        }
    }

    @Test func oneForgetsOnesOwnJobsAndThoseOfOthersAreForgottenAlready() throws {
        try Self.run { reception in
            let (alice, both) = (try await reception.connect(as: .alice), try await reception.connect(as: .both))
            #expect(await Reception.outcome { _ = try await both.remove(["9", "2"]) } == Reception.denied)
            #expect(try await alice.remove(["2", "1", "4", "9"]) == 1)
            let root = try await reception.connect(as: .root)
            #expect(try await root.list().jobs.map(\.id) == ["4", "3", "2"])
            #expect(try await root.remove(["2"]) == 1)
        }
    }

    @Test func whoSeesEverythingIsToldWhatWouldLetItChangeAnothersJob() throws {
        try Self.run { reception in
            let both = try await reception.connect(as: .both)
            await #expect(
                throws: VarlinkError.permissionDenied(
                    "changing job 3, which is another user's, needs the role operate. An administrator gives it with "
                        + "operate-users or operate-groups under [access] in the daemon's configuration")
            ) { _ = try await both.cancel("3") }
            let own = try await both.submit(Submission(job: "sleep", arguments: RawJSON(validating: #"{"seconds":9}"#)))
            #expect(try await both.cancel(own.id, grace: .seconds(60)).state == .cancelled)
        }
    }

    // MARK: Waiting for others, and keys

    @Test func healthNamesTheStuckJobsThatTheCallerMaySee() throws {
        try Self.run { reception in
            try #require(reception.board.execution(of: try JobBoard.number("3"))).isStuck = true
            for (user, view) in Self.views {
                let reasons = try await reception.connect(as: user).health().reasons
                #expect(reasons == (view == .all || user == .alice ? ["stuck: sleep 3"] : []))
            }
        }
    }

    @Test func aJobWaitsOnlyForThoseThatItsOwnerSees() throws {
        try Self.run { reception in
            for (user, view) in Self.views where user != .observer {
                let client = try await reception.connect(as: user)
                for job in Self.jobs {
                    var submission = Submission(job: "echo")
                    submission.after = [job.id]
                    let expected = view == .all || job.owner == user ? nil : Reception.noSuchJob
                    #expect(
                        await Reception.outcome { _ = try await client.submit(submission) } == expected,
                        "\(user) after \(job.id)")
                    #expect(await Reception.outcome { _ = try await client.submit([submission]) } == expected)
                }
                client.close()
            }
        }
    }

    @Test func aKeyIsItsOwnersAlone() throws {
        try Self.run { reception in
            let (alice, bob) = (try await reception.connect(as: .alice), try await reception.connect(as: .bob))
            var submission = Submission(job: "echo")
            submission.key = "nightly"
            let first = try await alice.submit(submission)
            // Neither that there is such a key, nor what it stands for, can be seen by others.
            submission.arguments = try RawJSON(validating: #"{"of":"bob"}"#)
            let second = try await bob.submit(submission)
            #expect(second.created && second.id != first.id)
            #expect(try await bob.submit([submission]) == [second.id])
            #expect(
                await Reception.outcome { _ = try await alice.submit(submission) }
                    == "org.varlink.service.InvalidParameter")
        }
    }

    @Test func anotherUsersKeyMakesNoRoomInAFullQueue() throws {
        var options = Workshop.Options()
        (options.running, options.waiting) = (1, 1)
        try Workshop.run(options) { shop in
            let (alice, bob) = (Principal(userID: 1, roles: .submit), Principal(userID: 2, roles: .submit))
            let long = try Workshop.submission("sleep", #"{"seconds":60}"#)
            var keyed = long
            keyed.key = "k"
            _ = try await shop.board.submit(long, from: alice)
            let known = try await shop.board.submit(keyed, from: alice)
            #expect(try await shop.board.submit(keyed, from: alice).id == known.id)
            let full = JobsError.queueFull(limit: 1, retryAfterMilliseconds: 500)
            await #expect(throws: full) { _ = try await shop.board.submit(keyed, from: bob) }
        }
    }
}
