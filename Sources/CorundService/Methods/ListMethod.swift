import CorundAPI
import Varlink

extension Interface {
    private static var pageSizes: ClosedRange<Int> { 1...1000 }
    private static var usualPageSize: Int { 100 }

    /// `List`: a page of jobs; with `more`, page after page.
    mutating func addList(_ board: JobBoard) {
        method("List") { (parameters: JobFilter, call) in
            guard Self.pageSizes.contains(parameters.limit ?? 1) else { throw VarlinkError.invalidParameter("limit") }
            guard parameters.before.map({ JobID($0) != nil }) ?? true else {
                throw VarlinkError.invalidParameter("before")
            }
            var filter = parameters
            while true {
                let (records, hasMore) = try await board.store.page(filter, limit: filter.limit ?? Self.usualPageSize)
                let next = hasMore ? records.last?.id.description : nil
                let page = ListResult(jobs: records.map(\.job), next: next)
                guard call.flags.contains(.more), next != nil else { return page }
                call.reply.send(page, continues: true)
                filter.before = next
                try await call.reply.waitForRoom()
            }
        }
    }
}
