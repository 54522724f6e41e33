/// What a descriptor is watched for, and what it was found to be.
package struct Readiness: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let readable = Readiness(rawValue: 1)
    package static let writable = Readiness(rawValue: 2)
    /// The other side is gone for good, in both directions. (One that only stopped sending still reads.)
    package static let hungUp = Readiness(rawValue: 4)
}

/// The loop's way to wait: one backend without policy, and the seam for virtual time.
package protocol Selector: AnyObject {
    /// Watches `descriptor` for `interest` from now on, instead of `before`; empty means not at all.
    func watch(_ descriptor: CInt, for interest: Readiness, before: Readiness) throws(SystemCallError)

    /// Waits until a watched descriptor is ready, `wake()` is called, or `limit` has passed.
    ///
    /// - Parameters:
    ///   - limit: nanoseconds; zero only looks, nil waits without limit.
    ///   - report: called for each descriptor that is ready. An error or a hang-up makes it all three.
    /// - Throws: what kept it from waiting, other than a signal.
    func wait(limit: Int64?, report: (CInt, Readiness) -> Void) throws

    /// Ends a wait that is going on or comes next. From any thread.
    func wake()

    /// Gives its own descriptors back: nothing is waited for or watched any more, and `wake` has nothing to end.
    func close()

    /// What a signal handler writes eight bytes to, as to any eventfd, to do what `wake` does.
    var wakeDescriptor: CInt { get throws(SystemCallError) }
}
