/// Text under construction, with the values that are open in it.
///
/// Values that are encoded by a call, and so are complete when it returns, nest on a stack of scopes in one buffer.
/// Nested containers and super encoders have no end that an encoder could see: each gets a buffer of its own, and the
/// place where it belongs is remembered and filled by `finish`.
final class JSONEncodingBuffer {
    /// Names a scope; a name of one that has ended never fits a later one.
    struct ScopeID: Equatable {
        fileprivate let depth: UInt32
        fileprivate let serial: UInt32
    }

    /// What a value has turned out to be so far.
    enum Form {
        case undecided
        case object
        case array
        case scalar
    }

    /// A state to return to when a value fails halfway and its owner goes on without it.
    struct Mark {
        fileprivate let byteCount: Int
        fileprivate let scopeCount: Int
        fileprivate let detachedCount: Int
        fileprivate let itemCount: Int
    }

    private struct Scope {
        let serial: UInt32
        var form = Form.undecided
        /// The members or elements begun.
        var itemCount = 0
    }

    var writer = JSONWriter()
    private var scopes = [Scope(serial: 0)]
    private var lastSerial: UInt32 = 0
    private var detached: [(offset: Int, buffer: JSONEncodingBuffer)] = []
    private var misuse: EncodingError?

    /// The scope of the buffer's one value.
    var root: ScopeID { ScopeID(depth: 0, serial: 0) }

    /// Whether anything of the root value was encoded.
    var hasValue: Bool { scopes[0].form != .undecided }

    // MARK: Scopes

    func open() -> ScopeID {
        lastSerial &+= 1
        scopes.append(Scope(serial: lastSerial))
        return ScopeID(depth: UInt32(scopes.count - 1), serial: lastSerial)
    }

    /// Ends the innermost scope; a value that encoded nothing becomes `{}`, as in Foundation's encoder.
    func close() {
        writeEnd(of: scopes.removeLast().form)
    }

    private func writeEnd(of form: Form) {
        switch form {
        case .undecided: writer.literal("{}")
        case .object: writer.literal("}")
        case .array: writer.literal("]")
        case .scalar: break
        }
    }

    /// Makes the value an object or array, if it is not one already.
    func begin(_ form: Form, in scope: ScopeID, at path: JSONCodingPath) {
        guard isInnermost(scope) else { return noteMisuse(at: path) }
        let current = scopes[scopes.count - 1].form
        if current == form { return }
        guard current == .undecided else { return noteMisuse(at: path) }
        scopes[scopes.count - 1].form = form
        writer.literal(form == .object ? "{" : "[")
    }

    func itemCount(in scope: ScopeID) -> Int {
        isOpen(scope) ? scopes[Int(scope.depth)].itemCount : 0
    }

    // MARK: Items

    /// Begins a member: the comma, the name and the colon.
    func beginMember(_ name: String, in scope: ScopeID, at path: JSONCodingPath) {
        guard beginItem(.object, in: scope, at: path) else { return }
        writer.string(name)
        writer.literal(":")
    }

    func beginElement(in scope: ScopeID, at path: JSONCodingPath) {
        _ = beginItem(.array, in: scope, at: path)
    }

    func beginScalar(in scope: ScopeID, at path: JSONCodingPath) {
        guard isInnermost(scope), scopes[scopes.count - 1].form == .undecided else { return noteMisuse(at: path) }
        scopes[scopes.count - 1].form = .scalar
    }

    /// Reserves this place for a value that may be encoded at any time before `finish`.
    func detach() -> JSONEncodingBuffer {
        let buffer = JSONEncodingBuffer()
        detached.append((writer.bytes.count, buffer))
        return buffer
    }

    private func beginItem(_ form: Form, in scope: ScopeID, at path: JSONCodingPath) -> Bool {
        guard isInnermost(scope), scopes[scopes.count - 1].form == form else {
            noteMisuse(at: path)
            return false
        }
        if scopes[scopes.count - 1].itemCount > 0 { writer.literal(",") }
        scopes[scopes.count - 1].itemCount += 1
        return true
    }

    // MARK: Going back

    var mark: Mark {
        Mark(
            byteCount: writer.bytes.count,
            scopeCount: scopes.count,
            detachedCount: detached.count,
            itemCount: scopes[scopes.count - 1].itemCount
        )
    }

    func restore(_ mark: Mark) {
        writer.bytes.removeSubrange(mark.byteCount...)
        scopes.removeSubrange(mark.scopeCount...)
        detached.removeSubrange(mark.detachedCount...)
        scopes[mark.scopeCount - 1].itemCount = mark.itemCount
    }

    // MARK: The end

    /// Ends the value, puts the detached ones in their places, and gives the text away.
    ///
    /// - Throws: the first misuse of a container, which the container could not throw itself.
    func finish() throws -> [UInt8] {
        writeEnd(of: scopes[0].form)
        if let misuse { throw misuse }
        defer { endRoot() }
        guard !detached.isEmpty else { return writer.bytes }
        var whole: [UInt8] = []
        whole.reserveCapacity(writer.bytes.count * 2)
        var start = 0
        for (offset, buffer) in detached {
            whole += writer.bytes[start..<offset]
            whole += try buffer.finish()
            start = offset
        }
        whole += writer.bytes[start...]
        return whole
    }

    /// Makes containers that somebody has kept write into the void.
    private func endRoot() {
        writer = JSONWriter()
        scopes = [Scope(serial: .max)]
    }

    private func isOpen(_ scope: ScopeID) -> Bool {
        Int(scope.depth) < scopes.count && scopes[Int(scope.depth)].serial == scope.serial
    }

    private func isInnermost(_ scope: ScopeID) -> Bool {
        Int(scope.depth) == scopes.count - 1 && isOpen(scope)
    }

    private func noteMisuse(at path: JSONCodingPath) {
        if misuse != nil { return }
        let description = "the value's encode(to:) used its encoder for two different values, or after it had returned"
        misuse = .invalidValue(Any?.none as Any, .init(codingPath: path.keys, debugDescription: description))
    }
}
