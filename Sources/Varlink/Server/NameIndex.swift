import Glibc

/// Finds the place of a name in a list by its bytes, without making a string of them: the hot path looks up a method and
/// a kind of job for each call.
///
/// It gives a place and not a value, because a type that is generic over its values would look them up at run time when
/// it is used from another module.
package struct NameIndex {
    private struct Entry {
        let name: [UInt8]
        let place: Int
    }

    /// By length: names of one length are few, and told apart by one comparison each.
    private var entries: [[Entry]] = []

    /// An index of `names`, which differ.
    package init(_ names: some Sequence<String>) {
        for (place, name) in names.enumerated() {
            let bytes = Array(name.utf8)
            while entries.count <= bytes.count { entries.append([]) }
            entries[bytes.count].append(Entry(name: bytes, place: place))
        }
    }

    /// The place of `name`; nil when it is not in the list.
    package func find(_ name: UnsafeBufferPointer<UInt8>) -> Int? {
        guard name.count < entries.count else { return nil }
        for entry in entries[name.count] where Self.areEqual(entry.name, name) { return entry.place }
        return nil
    }

    /// - Precondition: both are of one length.
    private static func areEqual(_ left: [UInt8], _ right: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let other = right.baseAddress else { return true }
        return left.withUnsafeBytes { bytes in bytes.baseAddress.map { memcmp($0, other, bytes.count) == 0 } ?? true }
    }
}
