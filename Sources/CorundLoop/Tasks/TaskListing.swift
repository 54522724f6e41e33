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
        // A maker is older than what it made: anything else is no tree.
        func maker(of task: TaskSnapshot) -> UInt64? { task.parent.flatMap { $0 < task.id ? $0 : nil } }
        return treeLines(of: tasks, id: \.id, parent: maker, \.line).map { $0 + "\n" }.joined()
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
