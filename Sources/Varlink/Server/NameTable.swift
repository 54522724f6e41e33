/// Finds values by the bytes of a name, without making a string of them: the hot path looks up a method and a kind of
/// job for each call.
package struct NameTable<Value> {
    private struct Entry {
        let name: [UInt8]
        let value: Value
    }

    /// By length: names of one length are few, and told apart by one comparison each.
    private var entries: [[Entry]] = []

    package init(_ values: some Sequence<(String, Value)>) {
        for (name, value) in values { insert(Array(name.utf8), value) }
    }

    private mutating func insert(_ name: [UInt8], _ value: Value) {
        while entries.count <= name.count { entries.append([]) }
        entries[name.count].append(Entry(name: name, value: value))
    }

    package func find(_ name: UnsafeBufferPointer<UInt8>) -> Value? {
        guard name.count < entries.count else { return nil }
        return entries[name.count].first { $0.name.elementsEqual(name) }?.value
    }
}
