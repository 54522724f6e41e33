import ArgumentParser
import CorundAPI
import CorundCommandLine
import Varlink

struct ListCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List jobs, the youngest first.",
        discussion: """
            AGE is since the submission, TIME what the present or last attempt has taken. On a terminal long notes are \
            cut. Filters are combined; of several states each will do. Without --all and --limit the youngest \
            \(defaultLimit) are listed. With --json each page of the answer is a line.

            Examples:
              corund-ctl list --state running --state queued
              corund-ctl list --label customer=17 --all
            """)

    /// Jobs when nobody says how many.
    private static let defaultLimit = 100
    /// Jobs that the daemon puts on one page.
    private static let pageSize = 1000

    @Option(help: ArgumentHelp("Only jobs in this state; may be given again.", valueName: "state"))
    var state: [JobState] = []
    @Option(help: ArgumentHelp("Only jobs of this kind.", valueName: "kind"), completion: .kinds)
    var job: String?
    @Option(help: ArgumentHelp("Only jobs of this group.", valueName: "name"))
    var group: String?
    @Option(help: ArgumentHelp("Only jobs with this label.", valueName: "name[=value]"))
    var label: String?
    @Option(help: ArgumentHelp("At most so many jobs.", valueName: "number"))
    var limit: Int?
    @Flag(help: "All jobs there are.")
    var all = false
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if all, limit != nil { throw ValidationError("--all and --limit exclude one another") }
        if let limit, limit < 1 { throw ValidationError("--limit is at least 1") }
    }

    func perform(in session: Session) async throws -> ExitStatus {
        var left = all ? Int.max : limit ?? Self.defaultLimit
        var filter = filter
        var table = Table(JobReport.columns, terminalWidth: session.output.terminalWidth)
        let report = JobReport(session.style, now: .now)
        repeat {
            filter.limit = min(left, Self.pageSize)
            let reply = try await session.ask(.jobs("List"), filter)
            let page = try reply.decode(ListResult.self)
            try session.show(reply, as: ListResult.self) { table.lines($0.jobs.map(report.row), session.style) }
            left -= page.jobs.count
            filter.before = page.next
        } while left > 0 && filter.before != nil
        return .success
    }

    private var filter: JobFilter {
        var filter = JobFilter()
        filter.states = state.isEmpty ? nil : state
        filter.job = job
        filter.group = group
        filter.label = label
        return filter
    }
}
