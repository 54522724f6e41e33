/// How a consumer asks for an element.
enum GeneratorStep<Input: Sendable> {
    case next
    case send(Input)
    case raise(any Error)

    /// What the state machine knows of it.
    var request: GeneratorMachine.Request {
        switch self {
        case .next: .next
        case .send: .send
        case .raise: .throwing
        }
    }

    /// Makes the pending `yield` return or throw.
    func resume(_ pendingYield: UnsafeContinuation<Input?, any Error>) {
        switch self {
        case .next: pendingYield.resume(returning: nil)
        case .send(let input): pendingYield.resume(returning: input)
        case .raise(let error): pendingYield.resume(throwing: error)
        }
    }

    /// Gives a raised error back to whoever raised it; to the others, that there is nothing more.
    func throwBack<Element>(to consumer: UnsafeContinuation<Element?, any Error>) {
        switch self {
        case .next, .send: consumer.resume(returning: nil)
        case .raise(let error): consumer.resume(throwing: error)
        }
    }
}
