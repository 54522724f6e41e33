import Testing
import Varlink

@testable import CorundAPI

/// The wire types say what the interface files say: all of a type's fields when every property is set, and exactly those
/// that are not optional when none is that may be absent.
struct WireNamesTests {
    private static func jobs() throws -> InterfaceDefinition { try InterfaceDefinition(parsing: InterfaceText.jobs) }
    private static func service() throws -> InterfaceDefinition {
        try InterfaceDefinition(parsing: InterfaceText.service)
    }

    private struct Sample {
        let full: any Encodable
        let sparse: any Encodable

        init(_ full: any Encodable, sparse: any Encodable) {
            self.full = full
            self.sparse = sparse
        }

        init(_ only: any Encodable) { self.init(only, sparse: only) }
    }

    private static func names(_ value: some Encodable) throws -> Set<String> {
        Set(try RawJSON(encoding: value).decode([String: RawJSON].self).keys)
    }

    private static func check(_ sample: Sample, _ fields: [InterfaceDefinition.Field], _ what: String) throws {
        #expect(try names(sample.full) == Set(fields.map(\.name)), "\(what), with everything")
        #expect(
            try names(sample.sparse) == Set(fields.filter { !$0.isOptional }.map(\.name)),
            "\(what), with no more than needed")
    }

    // MARK: Types

    @Test func theTypesOfJobsHaveTheFieldsOfTheFile() throws {
        let samples: [String: Sample] = [
            "Submission": Sample(Samples.fullSubmission, sparse: Submission(job: "echo")),
            "Failure": Sample(Samples.fullFailure, sparse: Samples.failure),
            "Attempt": Sample(Samples.fullAttempt, sparse: Samples.attempt),
            "Job": Sample(Samples.fullJob, sparse: Samples.job),
            "Event": Sample(Samples.fullEvent, sparse: Event(id: "1", sequence: 1, at: Samples.time)),
            "Kind": Sample(Samples.fullKind, sparse: Samples.kind),
        ]
        try Self.check(samples, against: Self.jobs().types)
    }

    @Test func theTypesOfServiceHaveTheFieldsOfTheFile() throws {
        let samples: [String: Sample] = [
            "Group": Sample(Samples.group(limit: 1), sparse: Samples.group(limit: nil)),
            "Task": Sample(Samples.fullTask, sparse: Samples.task),
            "Histogram": Sample(Samples.histogram),
        ]
        try Self.check(samples, against: Self.service().types)
    }

    private static func check(_ samples: [String: Sample], against types: [String: [InterfaceDefinition.Field]]) throws
    {
        #expect(Set(types.keys) == Set(samples.keys))
        for (name, sample) in samples { try check(sample, try #require(types[name]), name) }
    }

    @Test func theEnumerationsAreThoseOfTheFile() throws {
        let enumerations = [
            "State": JobState.allCases.map(\.rawValue), "CrashPolicy": CrashPolicy.allCases.map(\.rawValue),
        ]
        #expect(try Self.jobs().enumerations == enumerations)
    }

    @Test func whatIsWrittenInPlaceHasTheFieldsOfTheFile() throws {
        let event = try #require(try Self.jobs().types["Event"])
        let inner = Dictionary(uniqueKeysWithValues: event.map { ($0.name, $0.inner) })
        try Self.check(
            Sample(Event.Progress(fraction: 1, note: ""), sparse: Event.Progress(fraction: 1, note: nil)),
            try #require(inner["progress"]), "progress")
        try Self.check(Sample(Event.Output(stream: "", base64: "")), try #require(inner["output"]), "output")
        try Self.check(Sample(Event.Message(level: "", text: "")), try #require(inner["message"]), "message")
        let contexts = try #require(try Self.service().methods["Contexts"]).results
        try Self.check(Sample(Samples.context), try #require(contexts.first).inner, "contexts")
    }

    // MARK: Methods

    @Test func theMethodsOfJobsTakeAndGiveTheFieldsOfTheFile() throws {
        let id = Sample(IDParameters(id: "1"))
        let job = Sample(JobResult(job: Samples.job))
        let samples: [String: (Sample, Sample)] = [
            "Submit": (
                Sample(SubmitParameters(submission: Samples.fullSubmission)),
                Sample(SubmitResult(id: "1", created: true))
            ),
            "SubmitMany": (Sample(SubmitManyParameters(submissions: [])), Sample(SubmitManyResult(ids: []))),
            "Run": (
                Sample(
                    RunParameters(job: "", arguments: .emptyObject, context: "", timeout_ms: 1, keep: true),
                    sparse: RunParameters(job: "", arguments: nil, context: nil, timeout_ms: nil, keep: nil)),
                Sample(RunResult(result: .emptyObject), sparse: RunResult(result: nil))
            ),
            "Get": (id, job),
            "Wait": (id, job),
            "Watch": (
                Sample(WatchParameters(id: "1", from: 1), sparse: WatchParameters(id: "1", from: nil)),
                Sample(EventResult(event: Samples.fullEvent))
            ),
            "List": (
                Sample(Samples.fullFilter, sparse: JobFilter()),
                Sample(ListResult(jobs: [], next: "1"), sparse: ListResult(jobs: [], next: nil))
            ),
            "Cancel": (
                Sample(
                    CancelParameters(id: "1", reason: "", grace_ms: 1),
                    sparse: CancelParameters(id: "1", reason: nil, grace_ms: nil)),
                Sample(CancelResult(state: .cancelled, stuck: false))
            ),
            "Retry": (id, Sample(RetryResult(id: "1"))),
            "Remove": (Sample(RemoveParameters(ids: ["1"])), Sample(RemoveResult(removed: 1))),
            "Kinds": (Sample(NoParameters()), Sample(KindsResult(kinds: []))),
        ]
        try Self.check(samples, against: Self.jobs().methods)
    }

    @Test func theMethodsOfServiceTakeAndGiveTheFieldsOfTheFile() throws {
        let none = Sample(NoParameters())
        let group = Sample(GroupParameters(group: "echo"), sparse: GroupParameters(group: nil))
        let samples: [String: (Sample, Sample)] = [
            "Health": (none, Sample(Health(live: true, ready: true, reasons: [], lastTickAgeMicroseconds: 0))),
            "Statistics": (
                none,
                Sample(
                    Samples.statistics(paused: true, otherGroups: 1),
                    sparse: Samples.statistics(paused: nil, otherGroups: nil))
            ),
            "Tasks": (none, Sample(TasksResult(tasks: []))),
            "Contexts": (none, Sample(ContextsResult(contexts: []))),
            "Metrics": (none, Sample(MetricsResult(text: ""))),
            "Reload": (
                none,
                Sample(
                    ReloadResult(changed: [], needsRestart: ["socket"]), sparse: ReloadResult(changed: []))
            ),
            "Pause": (group, none),
            "Resume": (group, none),
            "SetDebug": (Sample(EnabledValue(enabled: true)), Sample(EnabledValue(enabled: true))),
            "Drain": (
                Sample(DrainParameters(timeout_ms: 1), sparse: DrainParameters(timeout_ms: nil)),
                Sample(DrainResult(running: 0))
            ),
        ]
        try Self.check(samples, against: Self.service().methods)
    }

    private static func check(
        _ samples: [String: (Sample, Sample)], against methods: [String: InterfaceDefinition.Method]
    ) throws {
        #expect(Set(methods.keys) == Set(samples.keys))
        for (name, (parameters, results)) in samples {
            let method = try #require(methods[name])
            try check(parameters, method.parameters, "the parameters of \(name)")
            try check(results, method.results, "the results of \(name)")
        }
    }

    // MARK: Errors

    @Test func theErrorsOfJobsAreThoseOfTheFile() throws {
        try Self.check(JobsErrorTests.all, of: InterfaceName.jobs, against: Self.jobs().errors)
    }

    @Test func theErrorsOfServiceAreThoseOfTheFile() throws {
        try Self.check(ServiceErrorTests.all, of: InterfaceName.service, against: Self.service().errors)
    }

    private static func check(
        _ errors: [any ErrorReply], of interface: String, against declared: [String: [InterfaceDefinition.Field]]
    ) throws {
        var seen: Set<String> = []
        for error in errors {
            let onTheWire = error.onTheWire
            let name = try #require(onTheWire.name.split(separator: ".").last.map(String.init))
            #expect(onTheWire.name == "\(interface).\(name)")
            let fields = try #require(declared[name], "\(name) is not in the file")
            #expect(try names(onTheWire.parameters) == Set(fields.map(\.name)))
            seen.insert(name)
        }
        #expect(seen == Set(declared.keys))
    }

    // MARK: There and back

    @Test func whatIsEncodedDecodesToTheSame() throws {
        try Self.checkRoundTrip(Samples.fullSubmission)
        try Self.checkRoundTrip(Samples.fullJob)
        try Self.checkRoundTrip(Samples.job)
        try Self.checkRoundTrip(Samples.fullEvent)
        try Self.checkRoundTrip(Samples.fullKind)
        try Self.checkRoundTrip(Samples.fullFilter)
        try Self.checkRoundTrip(Samples.statistics(paused: false, otherGroups: 1))
        try Self.checkRoundTrip(Samples.context)
        try Self.checkRoundTrip(Samples.fullTask)
        for state in JobState.allCases { try Self.checkRoundTrip([state]) }
    }

    private static func checkRoundTrip<Value: Codable & Equatable>(_ value: Value) throws {
        #expect(try RawJSON(encoding: value).decode(Value.self) == value)
    }

    @Test(arguments: JobState.allCases)
    func aStateIsFinalWhenNothingMoreHappens(state: JobState) {
        #expect(state.isFinal == ![.scheduled, .queued, .running].contains(state))
    }
}
