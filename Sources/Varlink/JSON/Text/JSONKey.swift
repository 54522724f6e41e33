/// The name of an object's member, as it stands in the scanned text.
///
/// Valid only as long as the scanned memory is.
package struct JSONKey {
    // SAFETY: a part of the scanner's memory, whose lifetime the contract above passes on to the caller.
    private let escapedName: UnsafeBufferPointer<UInt8>
    /// Whether the text spells the name with escapes, and so differs from the name.
    package let hasEscapes: Bool

    init(escapedName: UnsafeBufferPointer<UInt8>, hasEscapes: Bool) {
        self.escapedName = escapedName
        self.hasEscapes = hasEscapes
    }

    /// The name, unescaped.
    package var string: String { String(unescapingJSON: escapedName) }

    /// Where the name stands in `text`, the scanned text, without its quotes.
    func range(in text: UnsafeBufferPointer<UInt8>) -> Range<Int> {
        guard let name = escapedName.baseAddress, let text = text.baseAddress else { return 0..<0 }
        let start = name - text
        return start..<start + escapedName.count
    }

    /// Whether the name is `name`, byte for byte, however the text spells it.
    @inline(__always)
    package func equals(_ name: StaticString) -> Bool {
        equals(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }

    /// Whether the name is the UTF-8 text `name`, byte for byte, however the text spells it.
    package func equals(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        if hasEscapes { return string.utf8.elementsEqual(name) }
        guard escapedName.count == name.count else { return false }
        for index in 0..<name.count where escapedName[index] != name[index] { return false }
        return true
    }
}
