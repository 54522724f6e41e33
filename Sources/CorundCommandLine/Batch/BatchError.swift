import CorundAPI
import Varlink

/// A batch file was not submitted to its end.
package struct BatchError: Error, CustomStringConvertible {
    package let description: String
    /// What kept it from being.
    package let cause: any Error

    /// - Parameters:
    ///   - cause: what kept a part of it from being submitted.
    ///   - batch: that part; nil when the fault is not a part's.
    ///   - source: the file's name.
    ///   - account: what became of the rest.
    package init(_ cause: any Error, of batch: Batch?, in source: String, _ account: BatchAccount) {
        self.cause = cause
        let what = batch.map { Self.place(of: cause, in: $0, source) } ?? ""
        let complaint = Complaint(cause)?.text ?? "nobody reads the ids any more"
        description = "\(what)\(complaint). \(account.summary)"
    }

    /// `FILE:LINE: `, as exactly as the daemon's answer tells.
    private static func place(of error: any Error, in batch: Batch, _ source: String) -> String {
        let suspects = suspects(error, in: batch.lines)
        guard let first = suspects.first?.number, let last = suspects.last?.number else { return "" }
        return "\(source):\(first == last ? "\(first)" : "\(first)-\(last)"): "
    }

    private static func suspects(_ error: any Error, in lines: [SubmissionLine]) -> [SubmissionLine] {
        switch error {
        case JobsError.unknownJob(let job): lines.first { $0.job == job }.map { [$0] } ?? lines
        case JobsError.invalidArguments(let job, let path, _):
            index(path).flatMap { lines.indices.contains($0) ? [lines[$0]] : nil } ?? lines.filter { $0.job == job }
        case let error as VarlinkError:
            StandardError(error)?.parameter.flatMap(index)
                .flatMap { lines.indices.contains($0) ? [lines[$0]] : nil } ?? lines
        default: lines
        }
    }

    /// Of a path such as `submissions[3].priority`.
    private static func index(_ path: String) -> Int? {
        let prefix = "submissions["
        guard path.hasPrefix(prefix) else { return nil }
        return Int(path.dropFirst(prefix.count).prefix { $0 != "]" })
    }
}

extension StandardError {
    fileprivate var parameter: String? {
        guard case .invalidParameter(let path) = self else { return nil }
        return path
    }
}

/// A batch file cannot be read, or a line of it is wrong.
package struct BatchInputError: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ source: String, line: Int, _ message: String) {
        description = "\(source):\(line): \(message)"
    }
}
