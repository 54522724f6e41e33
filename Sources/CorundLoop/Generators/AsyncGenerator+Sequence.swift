extension AsyncGenerator: AsyncSequence {
    /// Any error: a generator throws what its body throws.
    public typealias Failure = any Error

    /// For `for try await`: a new iterator goes on where the generator is.
    @inlinable
    public func makeAsyncIterator() -> Iterator {
        Iterator(generator: self)
    }

    /// What a `for try await` asks for elements; when it goes, by leaving the loop, the generator is closed.
    public final class Iterator: AsyncIteratorProtocol {
        @usableFromInline let generator: AsyncGenerator

        @inlinable
        init(generator: AsyncGenerator) {
            self.generator = generator
        }

        deinit {
            generator.letGo()
        }

        /// The next element; see ``AsyncGenerator/next()``.
        ///
        /// - Throws: as ``AsyncGenerator/next()``.
        @inlinable
        public func next(isolation actor: isolated (any Actor)?) async throws -> Element? {
            try await generator.next()
        }
    }
}

/// Runs `body` and closes `generator` afterwards, on every path, before it returns: Python's `contextlib.aclosing`.
///
/// To leave a `for try await` closes its generator too, but in the background.
///
/// - Parameters:
///   - generator: what is closed, and waited for.
///   - body: what uses the generator.
/// - Returns: what `body` returns.
/// - Throws: what `body` throws, and then an error of the closing goes to the loop's exception handler; otherwise what
///   ``AsyncGenerator/aclose()`` throws.
public func withClosing<Element, Input, Result>(
    _ generator: AsyncGenerator<Element, Input>,
    _ body: (AsyncGenerator<Element, Input>) async throws -> Result
) async throws -> Result {
    let result: Result
    do { result = try await body(generator) } catch {
        await generator.closeReportingFailure()
        throw error
    }
    try await generator.aclose()
    return result
}
