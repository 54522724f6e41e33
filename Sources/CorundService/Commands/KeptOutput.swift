/// What is kept of a stream that may be long: its beginning and its end.
///
/// What a program says first, and what it says last, is what one looks for; what is dropped is the middle.
struct KeptOutput {
    private let headLimit: Int
    private let tailLimit: Int
    private var head: [UInt8] = []
    /// What came after the head; up to twice its limit, so that cutting it costs little.
    private var tail: [UInt8] = []
    /// All that came.
    private var total = 0

    init(limit: Int) {
        tailLimit = limit / 2
        headLimit = limit - tailLimit
    }

    mutating func append(_ bytes: [UInt8]) {
        total += bytes.count
        let fitting = bytes.prefix(headLimit - head.count)
        head += fitting
        tail += bytes.dropFirst(fitting.count)
        if tail.count > 2 * tailLimit { tail.removeFirst(tail.count - tailLimit) }
    }

    /// Bytes that are in memory.
    var held: Int { head.count + tail.count }

    /// What is kept, and how many bytes are missing after its first half.
    ///
    /// Text is cut between two characters: the missing bytes are then up to six more than had to be.
    var kept: (bytes: [UInt8], dropped: Int) {
        let end = tail.suffix(tailLimit)
        guard head.count + end.count < total else { return (head + end, 0) }
        let bytes = head[...].withoutCutCharacter + end.withoutCutBeginning
        return (Array(bytes), total - bytes.count)
    }
}

extension ArraySlice<UInt8> {
    /// The bytes without the beginning of a UTF-8 sequence at their end.
    var withoutCutCharacter: ArraySlice<UInt8> {
        let tail = suffix(3)
        guard let start = tail.lastIndex(where: { !$0.isContinuation }) else { return self }
        let needed = self[start].sequenceLength
        return needed > endIndex - start ? self[..<start] : self
    }

    /// The bytes without the end of a UTF-8 sequence at their beginning.
    fileprivate var withoutCutBeginning: ArraySlice<UInt8> {
        dropFirst(prefix(3).prefix { $0.isContinuation }.count)
    }
}

extension UInt8 {
    fileprivate var isContinuation: Bool { self & 0xC0 == 0x80 }

    /// The bytes of the UTF-8 sequence that begins with this one.
    fileprivate var sequenceLength: Int {
        switch self {
        case 0xC0...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF7: 4
        default: 1
        }
    }
}
