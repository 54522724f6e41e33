import CorundAPI
import Varlink

/// The kinds by the bytes of their names: what `Run`, the fast path, looks a kind up with.
///
/// An object, so that a look at it costs one reference.
final class KindTable {
    private let kinds: [RegisteredKind]
    private let index: NameIndex

    init(_ kinds: [String: RegisteredKind]) {
        self.kinds = Array(kinds.values)
        index = NameIndex(self.kinds.map(\.name))
    }

    /// The kind that `request` names.
    ///
    /// - Throws: ``JobsError/unknownJob(job:)``.
    func find(_ request: RunRequest, in text: UnsafeBufferPointer<UInt8>) throws(JobsError) -> RegisteredKind {
        if let place = index.find(UnsafeBufferPointer(rebasing: text[request.job])) { return kinds[place] }
        // Many encoders write a slash, or what is not ASCII, as an escape.
        var name = RunRequest.unescape(request.job, in: text)
        guard let place = name.withUTF8({ index.find($0) }) else { throw .unknownJob(job: name) }
        return kinds[place]
    }
}
