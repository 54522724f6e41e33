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
            let owner = call.principal.onlyOwner
            var filter = parameters
            while true {
                let limit = filter.limit ?? Self.usualPageSize
                let (jobs, hasMore) = try await board.page(filter, limit: limit, of: owner)
                let next = hasMore ? jobs.last?.id : nil
                let page = ListResult(jobs: jobs, next: next)
                guard call.flags.contains(.more), next != nil else { return page }
                call.reply.send(page, continues: true)
                filter.before = next
                try await call.reply.waitForRoom()
                await EventLoop.yield()  // a list of any length is not to hold the loop
            }
        }
    }
}

extension JobBoard {
    fileprivate func page(
        _ filter: JobFilter, limit: Int, of owner: UInt32?
    ) async throws -> (jobs: [Job], hasMore: Bool) {
        var page = JobPage()
        repeat {
            page = try await store.read { [page] in try $0.extend(page, filter, limit: limit, of: owner) }
        } while page.cut != nil
        return (page.jobs, page.hasMore)
    }
}
