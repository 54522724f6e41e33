package import CorundAPI
import CorundLoop

/// The coroutines on the daemon's loop, as a list and as a tree.
package struct TaskReport {
    private let style: Style
    private let now: Timestamp

    package init(_ style: Style, now: Timestamp) {
        self.style = style
        self.now = now
    }

    // MARK: List

    package func list(_ tasks: [TaskInfo], terminalWidth: Int? = nil) -> [String] {
        let columns: [Table.Column] = [
            .number("ID"), .text("NAME"), .number("JOB"), .text("STATE"), .number("AGE"), .number("LOOP"),
            .text("CONTEXT"), .text("MADE AT"), .text("WAITS FOR"),
        ]
        let rows: [[Table.Cell]] = tasks.map { task in
            [
                Table.Cell(task.id), Table.Cell(task.name), Table.Cell(task.job ?? "-"),
                Table.Cell(task.state, Self.colour(task)), Table.Cell(age(task)), Table.Cell(loopTime(task)),
                Table.Cell(task.context), Table.Cell(task.createdIn), Table.Cell(task.waitingFor ?? ""),
            ]
        }
        return Table.lines(columns, rows, style, terminalWidth: terminalWidth)
    }

    private func age(_ task: TaskInfo) -> String { SpanText.age(of: task.createdAt, at: now) }

    private func loopTime(_ task: TaskInfo) -> String { SpanText.of(microseconds: Int64(task.loopTimeMicroseconds)) }

    private static func colour(_ task: TaskInfo) -> Style.Colour? {
        switch task.state {
        case "running": .cyan
        case "waiting": .dim
        default: nil
        }
    }

    // MARK: Tree

    /// A line for each task, below the one that made it.
    ///
    /// Those whose maker has ended stand at the left. Siblings keep the order given.
    package func tree(_ tasks: [TaskInfo]) -> [String] {
        treeLines(of: tasks, id: \.id, parent: \.parent, words)
    }

    private func words(_ task: TaskInfo) -> String {
        let waiting = task.waitingFor.map { " for \($0.printable)" } ?? ""
        let job = task.job.map { ", job \($0.printable)" } ?? ""
        return "\(style.paint(task.name.printable, .bold)) (\(task.id.printable))\(job): "
            + style.paint(task.state.printable, Self.colour(task)) + waiting
            + ", \(age(task)) old, held the loop for \(loopTime(task)), made at \(task.createdIn.printable)"
    }
}
