/// The parameters of a call, where they stand in its message: a JSON object that was validated, and its members.
///
/// Valid only as long as the message is.
package struct CallParameters {
    // SAFETY: a view of the connection's input, which does not change before the handler that gets the view has returned;
    // the contract above forbids to keep it.

    /// The message; the values of ``members`` are ranges of it.
    package let message: UnsafeBufferPointer<UInt8>
    /// In the order of the text; names may repeat, and then the last one counts.
    package let members: [JSONMember]
    private let range: Range<Int>

    init(message: UnsafeBufferPointer<UInt8>, range: Range<Int>?, members: [JSONMember]) {
        self.message = range == nil ? Self.emptyObject : message
        self.range = range ?? 0..<Self.emptyObject.count
        self.members = members
    }

    /// The object's text.
    package var text: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: message[range]) }

    /// What stands for parameters that are absent.
    private static var emptyObject: UnsafeBufferPointer<UInt8> {
        let text: StaticString = "{}"
        return UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }
}
