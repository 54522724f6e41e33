import Glibc

/// Finds the place of a name in a list by its bytes, without making a string of them: the hot path looks up a method and
/// a kind of job for each call.
///
/// It gives a place and not a value, because a type that is generic over its values would look them up at run time when
/// it is used from another module.
package struct NameIndex {
    private struct Entry {
        let start: Int
        let length: Int
        let place: Int
    }

    /// The bytes of all names, one after another.
    private var bytes: [UInt8] = []
    private var entries: [Entry] = []

    /// An index of `names`, which differ.
    package init(_ names: some Sequence<String>) {
        for (place, name) in names.enumerated() {
            entries.append(Entry(start: bytes.count, length: name.utf8.count, place: place))
            bytes.append(contentsOf: name.utf8)
        }
    }

    /// The place of `name`; nil when it is not in the list.
    package func find(_ name: UnsafeBufferPointer<UInt8>) -> Int? {
        for index in entries.indices where entries[index].length == name.count && isEqual(entries[index], name) {
            return entries[index].place
        }
        return nil
    }

    /// - Precondition: both are of one length.
    private func isEqual(_ entry: Entry, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let other = name.baseAddress else { return true }
        return bytes.withUnsafeBytes { bytes in
            bytes.baseAddress.map { memcmp($0 + entry.start, other, entry.length) == 0 } ?? true
        }
    }
}
