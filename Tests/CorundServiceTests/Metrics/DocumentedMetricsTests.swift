import CorundLoop
import Foundation
import Testing

@testable import CorundService

/// What the operator's guide says of metrics.
struct DocumentedMetricsTests {
    private static let guide = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../docs/operators").standardizedFileURL

    /// The names of metrics on all of its pages.
    private static func names() throws -> Set<String> {
        let pages = try FileManager.default.contentsOfDirectory(at: guide, includingPropertiesForKeys: nil)
        return try pages.reduce(into: []) { names, page in
            let text = try String(contentsOf: page, encoding: .utf8)
            names.formUnion(text.matches(of: /corund_[a-z_]*[a-z]/).map { String($0.output) })
        }
    }

    @Test func theGuideNamesNoMetricThatThereIsNot() throws {
        let names = try Self.names()
        #expect(names.count >= 4)
        try Reception.run { reception in
            reception.board.scheduler.loop.isMeasuring = true
            let metrics = try await reception.connect(as: .root).metrics()
            for name in names { #expect(metrics.contains("# TYPE \(name) "), "there is no metric \(name)") }
        }
    }
}
