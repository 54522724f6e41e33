import CorundAPI
import Varlink

extension Interface {
    private static var pageSizes: ClosedRange<Int> { 1...1000 }
    private static var usualPageSize: Int { 100 }
    /// Bytes of arguments and results after which a page is full.
    private static var replySize: Int { 1 << 20 }

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
                let sent = Self.oneReply(of: records)
                let next = hasMore || sent.count < records.count ? sent.last?.id.description : nil
                let page = ListResult(jobs: sent.map(\.job), next: next)
                guard call.flags.contains(.more), next != nil else { return page }
                call.reply.send(page, continues: true)
                filter.before = next
                try await call.reply.waitForRoom()
                await Task.yield()  // a list of any length is not to hold the loop
            }
        }
    }

    /// As many of the jobs as go into one reply: what is too much for the connection's buffer would close it.
    private static func oneReply(of records: [JobRecord]) -> ArraySlice<JobRecord> {
        var bytes = 0
        return records.prefix { record in
            defer { bytes += (record.job.arguments?.bytes.count ?? 0) + (record.job.result?.bytes.count ?? 0) }
            return bytes < replySize  // one at least
        }
    }
}
