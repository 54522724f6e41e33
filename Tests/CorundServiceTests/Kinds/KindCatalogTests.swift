import CorundAPI
import Testing
import Varlink

@testable import CorundService

struct KindCatalogTests {
    private static func registry(_ names: String..., summary: String = "") -> JobRegistry {
        var registry = JobRegistry()
        for name in names { registry.registerRaw(name, KindOptions(summary: summary)) { arguments, _ in arguments } }
        return registry
    }

    @Test func aJobIsRunAsTheKindThatIsInForceWhenItStarts() throws {
        let catalog = KindCatalog(Self.registry("a"))
        let first = try catalog.find("a")
        catalog.replace(with: Self.registry("a", summary: "second"))
        catalog.replace(with: Self.registry("a", summary: "third"))
        #expect(first.options.summary.isEmpty, "what was said at the submission stays")
        #expect(first.current.options.summary == "third")
        #expect(try catalog.find("a") === first.current)
        #expect(!first.isGone)
    }

    @Test func aKindThatWasTakenAwayIsFoundNoMoreAndMayComeBack() throws {
        let catalog = KindCatalog(Self.registry("a", "b"))
        let kind = try catalog.find("b")
        catalog.replace(with: Self.registry("a"))
        #expect(kind.isGone)
        #expect(throws: JobsError.unknownJob(job: "b")) { try catalog.find("b") }
        #expect(catalog.kind(ofRecorded: "b") === kind)
        catalog.replace(with: Self.registry("a", summary: "again"))
        #expect(kind.isGone)
        catalog.replace(with: Self.registry("b", summary: "back"))
        #expect(!kind.isGone)
        #expect(kind.current.options.summary == "back")
    }

    @Test func theSameRegistryMayBePutInForceAgain() throws {
        let (first, second) = (Self.registry("a"), Self.registry("a", summary: "second"))
        let catalog = KindCatalog(first)
        let kind = try catalog.find("a")
        for registry in [first, second, first, JobRegistry(), first] { catalog.replace(with: registry) }
        #expect(kind.current === kind)
        #expect(!kind.isGone)
        #expect(second.kinds["a"]?.current === kind)
    }

    @Test func whatAnEarlierDaemonKnewWaitsForItsKind() throws {
        let catalog = KindCatalog(JobRegistry())
        let kind = catalog.kind(ofRecorded: "old")
        #expect(kind.isGone)
        #expect(catalog.kind(ofRecorded: "old") === kind)
        catalog.replace(with: Self.registry("old", summary: "here"))
        #expect(!kind.isGone && kind.current.options.summary == "here")
    }
}
