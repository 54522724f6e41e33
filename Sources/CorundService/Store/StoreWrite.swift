/// Something that is to be written with the next commit.
///
/// Made and finished on the loop, performed by the writing connection.
class StoreWrite: @unchecked Sendable {
    // SAFETY: the loop and the writer have it one after the other, never at once.

    /// What becomes of it while nothing can be written.
    enum Importance: Sendable {
        /// It fails: whoever asks is told.
        case request
        /// It waits until it can be written.
        case state
        /// It waits as long as there is not too much of that.
        case detail
        /// It is tried at once, with all that waits, and fails if that does.
        case lastWord

        /// Whether it waits, and nobody is answered for it.
        var waits: Bool { self == .state || self == .detail }
    }

    let importance: Importance
    /// Bytes that it keeps in memory, roughly.
    let size: Int

    init(_ importance: Importance, size: Int = 0) {
        self.importance = importance
        self.size = size
    }

    /// Writes; called again when the transaction failed.
    ///
    /// - Throws: what the database throws. (What is refused before anything is written is no such error.)
    func perform(_ writer: StoreWriter) throws {}

    /// It is committed.
    func succeed() {}

    /// It will not be.
    func fail(_ error: any Error) {}
}

/// A write that gives a value.
final class StoreRequest<Value: Sendable>: StoreWrite, @unchecked Sendable {
    // SAFETY: as its superclass.
    private let body: @Sendable (StoreWriter) throws -> Value
    private let completion: (Result<Value, any Error>) -> Void
    private var result: Result<Value, any Error>?

    init(
        _ importance: Importance, size: Int = 0, _ body: @escaping @Sendable (StoreWriter) throws -> Value,
        completion: @escaping (Result<Value, any Error>) -> Void = { _ in }
    ) {
        self.body = body
        self.completion = completion
        super.init(importance, size: size)
    }

    override func perform(_ writer: StoreWriter) throws {
        do { result = .success(try body(writer)) } catch {
            guard error.isRefusal else { throw error }
            result = .failure(error)
        }
    }

    override func succeed() {
        if let result { completion(result) }
    }

    override func fail(_ error: any Error) {
        completion(.failure(error))
    }
}
