/// What is sent to a generator's body, for the one `yield` at which it waits.
@usableFromInline
final class GeneratorInput<Input>: @unchecked Sendable {
    // SAFETY: confined to the loop, as the generator is.

    @usableFromInline var input: Input?

    @usableFromInline init() {}
}

/// A consumer's wait for an element.
@usableFromInline
final class GeneratorConsumer<Element>: GeneratorWait, @unchecked Sendable {
    // SAFETY: confined to the loop, as the generator is.

    /// nil where the body has ended.
    @usableFromInline var element: Element?
}
