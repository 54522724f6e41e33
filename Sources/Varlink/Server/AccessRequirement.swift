/// What a caller must have to call a method: any one of these bits, whose meaning is the service's own.
///
/// A connection has the bits that ``VarlinkServer/assess`` gives its peer.
package struct AccessRequirement: Sendable {
    let anyOf: UInt32
    /// What a caller without any of them is answered, by the method's full name.
    let denial: @Sendable (String) -> VarlinkError

    package init(anyOf: UInt32, denial: @escaping @Sendable (String) -> VarlinkError = { _ in .permissionDenied }) {
        self.anyOf = anyOf
        self.denial = denial
    }
}
