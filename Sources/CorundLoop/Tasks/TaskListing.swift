extension TaskSnapshot {
    /// The tasks as a table for people: a line each, in the order given.
    ///
    /// - Returns: lines that end with a newline; the first one has the columns' names.
    public static func list(_ tasks: [TaskSnapshot]) -> String {
        let rows =
            [["ID", "NAME", "STATE", "AGE", "LOOP TIME", "MADE AT"]]
            + tasks.map { task in
                [
                    "\(task.id)", task.name.replacingUnprintables(), task.state.rawValue, task.age.inSeconds,
                    task.loopTime?.inMilliseconds ?? "-", task.createdAt,
                ]
            }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).map { padded($0, to: $1) }.joined(separator: "  ").withoutTrailingSpaces + "\n"
        }.joined()
    }

    /// The tasks as a tree for people, each below the one that made it.
    ///
    /// Those whose maker has ended, or is not among `tasks`, stand at the left. Siblings keep the order given.
    ///
    /// - Returns: lines that end with a newline.
    public static func tree(_ tasks: [TaskSnapshot]) -> String {
        let known = Set(tasks.map(\.id))
        // A maker is older than what it made: anything else is no tree.
        let parents = tasks.map { task in task.parent.flatMap { known.contains($0) && $0 < task.id ? $0 : nil } }
        let children = Dictionary(grouping: zip(parents, tasks), by: \.0).mapValues { $0.map(\.1) }
        var text = ""
        // Not recursive: a chain of tasks may be longer than the stack is deep.
        var left = (children[nil] ?? []).reversed().map { Branch(task: $0, stem: "", fork: "") }
        while let branch = left.popLast() {
            text += branch.fork + branch.task.line + "\n"
            for (number, child) in (children[branch.task.id] ?? []).reversed().enumerated() {
                left.append(branch.child(child, isLast: number == 0))
            }
        }
        return text
    }

    private struct Branch {
        let task: TaskSnapshot
        /// What the lines below begin with.
        let stem: String
        /// What its own line begins with.
        let fork: String

        func child(_ task: TaskSnapshot, isLast: Bool) -> Branch {
            Branch(task: task, stem: stem + (isLast ? "   " : "│  "), fork: stem + (isLast ? "└─ " : "├─ "))
        }
    }

    private var line: String {
        let name = name.replacingUnprintables()
        let held = loopTime.map { ", held the loop for \($0.inMilliseconds)" } ?? ""
        return "\(name) (\(id)): \(state.rawValue), \(age.inSeconds) old\(held), made at \(createdAt)"
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: width - text.count)
    }
}

extension String {
    fileprivate var withoutTrailingSpaces: String {
        String(self[..<(lastIndex { $0 != " " }.map(index(after:)) ?? startIndex)])
    }
}

extension Duration {
    fileprivate var inSeconds: String { "\(Self.thousandths(clampedNanoseconds / 1_000_000)) s" }
    fileprivate var inMilliseconds: String { "\(Self.thousandths(clampedNanoseconds / 1000)) ms" }

    /// With three decimals.
    private static func thousandths(_ number: Int64) -> String {
        let digits = String(number.magnitude % 1000)
        return (number < 0 ? "-" : "") + "\(number.magnitude / 1000)."
            + String(repeating: "0", count: 3 - digits.count) + digits
    }
}
