import CorundAPI
import Testing
import Varlink

@testable import CorundService

struct JobRegistryTests {
    private struct Order: Codable, Sendable {
        struct Line: Codable {
            let article: String
            let pieces: Int
        }

        let customer: String
        let lines: [Line]
        let notes: [String: String]?
    }

    private struct Picky: Decodable {
        struct Refusal: Error, CustomStringConvertible {
            var description: String { "not today" }
        }

        init(from decoder: any Decoder) throws { throw Refusal() }
    }

    private static func order() -> RegisteredKind {
        var registry = JobRegistry()
        registry.register("order") { (order: Order, _) in order.lines.count }
        guard let kind = registry.kinds["order"] else { preconditionFailure("it has just been registered") }
        return kind
    }

    @Test(arguments: [
        (#"{}"#, "customer", "missing"),
        (#"{"customer":5,"lines":[]}"#, "customer", "expected a string, found 5"),
        (#"{"customer":"c"}"#, "lines", "missing"),
        (#"{"customer":"c","lines":{}}"#, "lines", "expected an array, found an object"),
        (
            #"{"customer":"c","lines":[{"article":"a","pieces":1},{"article":"b","pieces":"2"}]}"#, "lines[1].pieces",
            "expected an integer, found a string"
        ),
        (#"{"customer":"c","lines":[{"article":"a"}]}"#, "lines[0].pieces", "missing"),
        (#"{"customer":"c","lines":[],"notes":{"n":true}}"#, "notes.n", "expected a string, found a boolean"),
        (#"[]"#, "", "expected an object, found an array"),
        (#"null"#, "", "expected an object, found null"),
    ])
    func argumentsThatDoNotFitAreRefusedWithThePathOfTheFault(json: String, path: String, message: String) throws {
        let arguments = try RawJSON(validating: json)
        let error = #expect(throws: JobsError.self) { try Self.order().checkArguments(arguments) }
        guard case .invalidArguments("order", path, let found) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(found == message)
    }

    @Test func argumentsThatFitPass() throws {
        let arguments = try RawJSON(encoding: Order(customer: "c", lines: [.init(article: "a", pieces: 1)], notes: nil))
        try Self.order().checkArguments(arguments)
    }

    /// A type may refuse by an error of its own, without a path.
    @Test func anErrorOfTheArgumentsTypeIsAFaultOfTheArguments() throws {
        var registry = JobRegistry()
        registry.register("picky") { (_: Picky, _) in }
        let kind = try #require(registry.kinds["picky"])
        #expect(throws: JobsError.invalidArguments(job: "picky", path: "", message: "not today")) {
            try kind.checkArguments(.emptyObject)
        }
    }

    @Test func aRawKindTakesAnything() throws {
        let echo = try #require(JobRegistry.builtIn.kinds["echo"])
        for json in ["null", "5", #""text""#, "[1]", "{}"] { try echo.checkArguments(RawJSON(validating: json)) }
    }

    @Test func aLaterKindReplacesOneOfTheSameName() {
        var registry = JobRegistry()
        registry.registerRaw("x", KindOptions(summary: "first")) { arguments, _ in arguments }
        registry.registerRaw("x", KindOptions(summary: "second")) { arguments, _ in arguments }
        #expect(registry.kinds.values.map(\.options.summary) == ["second"])
    }

    @Test func aCopyDoesNotSeeWhatIsRegisteredLater() {
        var registry = JobRegistry()
        let copy = registry
        registry.registerRaw("x") { arguments, _ in arguments }
        #expect(copy.kinds.isEmpty)
    }

    @Test func optionsHaveUsualValues() {
        let options = KindOptions(summary: "one line")
        #expect(options.summary == "one line")
        #expect(options.argumentsSchema == nil)
        #expect(options.isDurable)
        #expect(options.group == nil)
        #expect(options.timeout == nil)
        #expect(options.maxAttempts == 1)
    }

    @Test(arguments: [
        (0, nil, 1, "the timeout is 0.0 seconds; it is at least 1 ms"),
        (-1, nil, 1, "the timeout is -1.0 seconds; it is at least 1 ms"),
        (nil, "", 1, "a group's name has 1 to 1024 bytes, and no NUL"),
        (nil, nil, -3, "there are -3 attempts; 0 means without limit"),
    ])
    func optionsOutOfTheirRangesAreNamed(timeout: Int?, group: String?, maxAttempts: Int, mistake: String) {
        var options = KindOptions()
        (options.timeout, options.group, options.maxAttempts) = (timeout.map { .seconds($0) }, group, maxAttempts)
        #expect(options.mistake == mistake)
    }

    @Test func optionsAtTheEdgesOfTheirRangesPass() {
        var options = KindOptions()
        (options.timeout, options.group, options.maxAttempts) = (.milliseconds(1), "g", 0)
        #expect(options.mistake == nil)
    }

    @Test(arguments: ["", "a\0b", String(repeating: "x", count: 1025)])
    func aKindThatNobodyCouldSubmitIsNotRegistered(name: String) async {
        await #expect(processExitsWith: .failure) { [name = name as String] in
            var registry = JobRegistry()
            registry.registerRaw(name) { arguments, _ in arguments }
        }
    }

    @Test func aKindWithOptionsOutOfTheirRangesIsNotRegistered() async {
        await #expect(processExitsWith: .failure) {
            var options = KindOptions()
            options.maxAttempts = -1
            var registry = JobRegistry()
            registry.registerRaw("x", options) { arguments, _ in arguments }
        }
    }

    @Test func aKindIsListedAsItIsRegistered() throws {
        var options = KindOptions(summary: "one line")
        options.argumentsSchema = try RawJSON(validating: #"{"type":"object"}"#)
        options.isDurable = false
        options.group = "disk"
        options.timeout = .milliseconds(1500)
        options.maxAttempts = 4
        options.crashPolicy = .hold
        var registry = JobRegistry()
        registry.registerRaw("x", options) { arguments, _ in arguments }
        registry.registerRaw("y") { arguments, _ in arguments }
        let schema = options.argumentsSchema
        #expect(
            registry.kinds["x"]?.description(isStoreDurable: true)
                == Kind(
                    name: "x", summary: "one line", argumentsSchema: schema, durable: false, group: "disk",
                    timeoutMilliseconds: 1500, maxAttempts: 4, crashPolicy: .hold))
        #expect(
            registry.kinds["y"]?.description(isStoreDurable: true)
                == Kind(
                    name: "y", summary: "", argumentsSchema: nil, durable: true, group: "y", timeoutMilliseconds: nil,
                    maxAttempts: 1, crashPolicy: .rerun))
    }

    @Test func theStockDaemonHasItsKinds() {
        #expect(JobRegistry.builtIn.kinds.keys.sorted() == ["count", "echo", "fail", "sleep"])
    }
}
