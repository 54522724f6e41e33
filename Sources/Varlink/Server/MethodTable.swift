/// Finds a method's handler by the bytes of its full name, without making a string of them.
struct MethodTable {
    struct Entry {
        let name: String
        let handler: MethodHandler
        fileprivate let bytes: [UInt8]
    }

    /// By length: names of one length are few, and told apart by one comparison each.
    private var entries: [[Entry]] = []

    init(_ interfaces: [Interface]) {
        for interface in interfaces {
            for (method, handler) in interface.methods { insert("\(interface.name).\(method)", handler) }
        }
    }

    private mutating func insert(_ name: String, _ handler: @escaping MethodHandler) {
        let bytes = Array(name.utf8)
        while entries.count <= bytes.count { entries.append([]) }
        entries[bytes.count].append(Entry(name: name, handler: handler, bytes: bytes))
    }

    func find(_ name: UnsafeBufferPointer<UInt8>) -> Entry? {
        guard name.count < entries.count else { return nil }
        return entries[name.count].first { $0.bytes.elementsEqual(name) }
    }
}
