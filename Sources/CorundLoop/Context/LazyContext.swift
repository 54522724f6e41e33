import HashTreeCollections
import Synchronization

/// A context, or the copy of one that is not made before somebody asks for it.
///
/// Each task runs in a copy, and few ask: an object less for all the others.
struct LazyContext: ~Copyable, Sendable {
    // SAFETY: the one retained reference to it, let go of with the place.
    private let made: Atomic<Unmanaged<Context>?>
    /// What a copy begins with.
    private let values: Context.Values?

    init(_ context: Context) {
        made = Atomic(Unmanaged.passRetained(context))
        values = nil
    }

    init(copying values: Context.Values) {
        made = Atomic(nil)
        self.values = values
    }

    deinit {
        made.load(ordering: .acquiring)?.release()
    }

    /// The context, if it has been made.
    private var existing: Context? { made.load(ordering: .acquiring)?.takeUnretainedValue() }

    /// The one context, whoever asks first.
    var context: Context { existing ?? make() }

    /// What the context maps, without making it.
    var currentValues: Context.Values { existing?.currentValues ?? values ?? [:] }

    func isContext(_ context: Context) -> Bool { existing === context }

    /// Child tasks on other threads may ask at the same time: one of them makes it for all.
    private func make() -> Context {
        let ours = Unmanaged.passRetained(Context(values ?? [:]))
        let (isOurs, theirs) = made.compareExchange(
            expected: nil, desired: ours, ordering: .acquiringAndReleasing)
        guard !isOurs, let theirs else { return ours.takeUnretainedValue() }
        ours.release()
        return theirs.takeUnretainedValue()
    }
}
