/// The keys from the root to a value, shared between the containers along the way.
///
/// A linked list: a container adds one node to its parent's path, and the array that `Codable` wants is only made when
/// somebody asks for it, which is when there is an error to report.
struct JSONCodingPath {
    private final class Node {
        let parent: Node?
        let key: any CodingKey

        init(parent: Node?, key: any CodingKey) {
            self.parent = parent
            self.key = key
        }
    }

    private let last: Node?

    /// The path of the root.
    init() { last = nil }

    private init(last: Node) { self.last = last }

    /// All keys, the outermost first.
    var keys: [any CodingKey] {
        var keys: [any CodingKey] = []
        var node = last
        while let current = node {
            keys.append(current.key)
            node = current.parent
        }
        keys.reverse()
        return keys
    }

    func appending(_ key: any CodingKey) -> JSONCodingPath {
        JSONCodingPath(last: Node(parent: last, key: key))
    }

    func appending(index: Int) -> JSONCodingPath { appending(JSONCodingKey(index: index)) }
}
