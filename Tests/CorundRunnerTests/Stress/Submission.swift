import CorundRunner

/// Something that was submitted to a loop, and what it may come to.
struct Submission {
    enum Kind: CaseIterable {
        case value, failure, yields, sleeps, blocks, begins
    }

    struct Product: Sendable {
        let number: Int
        /// Begun on the loop, not ended.
        var generator: AsyncGenerator<Int, Never>?
    }

    struct Failure: Error, Equatable {
        let number: Int
    }

    /// How a submission has ended, as its handle says.
    enum End: Hashable, CaseIterable {
        case value, failure, cancelled, closed, poolShutDown
    }

    let kind: Kind
    let number: Int
    private let ticket = Ticket()
    private let future: LoopFuture<Product>

    /// - Throws: `EventLoopError.closed`.
    init(_ kind: Kind, _ number: Int, to loop: EventLoop) throws {
        self.kind = kind
        self.number = number
        future = try loop.submit { [ticket] in
            ticket.noteCall()
            return try await Self.perform(kind, number, on: loop)
        }
    }

    private static func perform(_ kind: Kind, _ number: Int, on loop: EventLoop) async throws -> Product {
        var product = Product(number: number)
        switch kind {
        case .value: break
        case .failure: throw Failure(number: number)
        case .yields: await EventLoop.yield()
        case .sleeps: try await loop.sleep(for: .seconds(Int64.max))
        case .blocks:
            let ticket = Ticket()
            try await loop.runBlocking { ticket.noteCall() }
        case .begins:
            product.generator = numbers(on: loop)
            _ = try await product.generator?.next()
        }
        return product
    }

    /// Yields for ever; its clean-up waits for the loop.
    private static func numbers(on loop: EventLoop) -> AsyncGenerator<Int, Never> {
        let ticket = Ticket()
        return AsyncGenerator { yield in
            ticket.noteCall()
            do { for number in 1... { try await yield(number) } } catch {
                try await loop.sleep(for: .zero)
                throw error
            }
        }
    }

    func cancel() {
        future.cancel()
    }

    // MARK: The end

    /// Waits for the end.
    ///
    /// - Returns: how it ended, and what it gave.
    /// - Throws: a ``Finding`` when that cannot be.
    func end() throws(Finding) -> (End, Product?) {
        // It would never end by itself.
        if kind == .sleeps { cancel() }
        let result = Result { try wait(for: .seconds(60)) }
        let end = try meaning(of: result)
        guard try meaning(of: Result { try wait(for: .zero) }) == end else { throw finding("ended twice") }
        let calls = ticket.callCount
        guard calls == 1 || calls == 0 && [.cancelled, .closed].contains(end) else {
            throw finding("was called \(calls) times, and ended as \(end)")
        }
        return (end, try? result.get())
    }

    private func wait(for limit: Duration) throws -> Product {
        try future.wait(timeout: limit)
    }

    private func meaning(of result: Result<Product, any Error>) throws(Finding) -> End {
        switch result {
        case .success(let product) where product.number == number && kind != .failure && kind != .sleeps: return .value
        case .failure(let error as Failure) where error.number == number && kind == .failure: return .failure
        case .failure(is CancellationError): return .cancelled
        case .failure(EventLoopError.closed): return .closed
        case .failure(BlockingPoolError.shutDown) where kind == .blocks: return .poolShutDown
        default: throw finding("ended as \(result)")
        }
    }

    private func finding(_ what: String) -> Finding {
        Finding("submission \(number) (\(kind)) \(what)")
    }
}

/// Something that must not be.
struct Finding: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
