/// A tree for people: a line for each item, below that of its parent.
///
/// Items whose parent is not among them stand at the left. Siblings keep the order given. A circle has no root, and is not
/// shown.
package func treeLines<Item, ID: Hashable>(
    of items: [Item], id: (Item) -> ID, parent: (Item) -> ID?, _ words: (Item) -> String
) -> [String] {
    let known = Set(items.map(id))
    let children = Dictionary(grouping: items) { item in parent(item).flatMap { known.contains($0) ? $0 : nil } }
    var lines: [String] = []
    // Not recursive: a chain may be longer than the stack is deep.
    var left = (children[nil] ?? []).reversed().map { Branch(item: $0, stem: "", fork: "") }
    while let branch = left.popLast() {
        lines.append(branch.fork + words(branch.item))
        for (number, child) in (children[id(branch.item)] ?? []).reversed().enumerated() {
            left.append(branch.child(child, isLast: number == 0))
        }
    }
    return lines
}

private struct Branch<Item> {
    let item: Item
    /// What the lines below begin with.
    let stem: String
    /// What its own line begins with.
    let fork: String

    func child(_ item: Item, isLast: Bool) -> Branch {
        Branch(item: item, stem: stem + (isLast ? "   " : "│  "), fork: stem + (isLast ? "└─ " : "├─ "))
    }
}
