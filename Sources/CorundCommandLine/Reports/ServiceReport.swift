package import CorundAPI

/// The daemon in words: kinds, contexts, statistics, health.
package struct ServiceReport {
    private let style: Style

    package init(_ style: Style) {
        self.style = style
    }

    package func lines(_ kinds: [Kind]) -> [String] {
        let columns: [Table.Column] = [
            .text("KIND"), .text("DURABLE"), .text("GROUP"), .number("TIMEOUT"), .number("ATTEMPTS"), .text("SUMMARY"),
        ]
        let rows: [[Table.Cell]] = kinds.map { kind in
            [
                Table.Cell(kind.name), kind.durable ? "yes" : "no", Table.Cell(kind.group),
                Table.Cell(kind.timeoutMilliseconds.map(SpanText.of(milliseconds:)) ?? "-"),
                Table.Cell(kind.maxAttempts), Table.Cell(kind.summary),
            ]
        }
        return Table.lines(columns, rows, style)
    }

    package func lines(_ contexts: [ContextInfo]) -> [String] {
        let columns: [Table.Column] = [.text("CONTEXT"), .number("JOBS"), .text("VARIABLES")]
        let rows = contexts.map { [Table.Cell($0.name), Table.Cell($0.jobs), Table.Cell(Facts.pairs($0.variables))] }
        return Table.lines(columns, rows, style)
    }

    package func line(_ health: Health) -> String {
        let word =
            switch (health.live, health.ready) {
            case (true, true): style.paint("ready", .green)
            case (true, false): style.paint("live, not ready", .yellow)
            case (false, _): style.paint("not live", .red)
            }
        let reasons = health.reasons.map(\.printable).joined(separator: "; ")
        return reasons.isEmpty ? word : "\(word): \(reasons)"
    }

    // MARK: Statistics

    package func lines(_ statistics: Statistics) -> [String] {
        let groupLines = groups(statistics)
        return overview(statistics) + [""] + times(statistics) + (groupLines.isEmpty ? [] : [""] + groupLines)
    }

    private func overview(_ statistics: Statistics) -> [String] {
        var facts = Facts(style)
        facts.add("version", statistics.version)
        facts.add("up", "\(SpanText.of(milliseconds: statistics.uptimeMilliseconds)), since \(statistics.startedAt)")
        facts.add("mode", modes(statistics))
        facts.add("jobs", jobs(statistics.jobs))
        facts.add("ticks", "\(statistics.ticks)")
        let alive = [(statistics.tasks, "task"), (statistics.timers, "timer"), (statistics.connections, "connection")]
        facts.add("alive", alive.map { Self.counting($0, $1) }.joined(separator: ", "))
        let threads = Self.counting(statistics.poolThreads, "thread")
        let closures = Self.counting(statistics.poolQueued, "closure")
        facts.add("pool", "\(threads), \(statistics.poolBusy) busy, \(closures) queued")
        facts.add("memory", SpanText.ofBytes(statistics.residentBytes))
        return facts.lines
    }

    private static func counting(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    private func modes(_ statistics: Statistics) -> String {
        let modes = [
            statistics.draining ? "draining" : nil, statistics.paused == true ? "everything is paused" : nil,
            statistics.debug ? "debug" : nil,
        ].compactMap(\.self)
        return modes.isEmpty ? "normal" : modes.joined(separator: ", ")
    }

    /// How many came into each state since the start, in the order of a job's life, without those that never were; what
    /// another daemon counts besides comes last.
    private func jobs(_ counts: [String: Int]) -> String {
        let known = JobState.allCases.map(\.rawValue)
        let names = known + counts.keys.filter { !known.contains($0) }.sorted()
        let words = names.compactMap { name in counts[name].flatMap { $0 == 0 ? nil : "\($0) \(name)" } }
        return words.isEmpty ? "none" : "so far: \(words.joined(separator: ", "))"
    }

    private func times(_ statistics: Statistics) -> [String] {
        let columns: [Table.Column] = [
            .text("TIMES"), .number("COUNT"), .number("MIN"), .number("P50"), .number("P90"), .number("P99"),
            .number("MAX"),
        ]
        let rows = [
            row("loop lag", statistics.loopLag), row("submit to start", statistics.submitToStart),
            row("run time", statistics.runTime),
        ]
        return Table.lines(columns, rows, style)
    }

    private func row(_ name: String, _ times: HistogramSummary) -> [Table.Cell] {
        let spans = [times.minimum, times.p50, times.p90, times.p99, times.maximum]
        return [Table.Cell(name), Table.Cell(times.count)]
            + spans.map { Table.Cell(times.count == 0 ? "-" : SpanText.of(microseconds: Int64($0))) }
    }

    private func groups(_ statistics: Statistics) -> [String] {
        let lines = statistics.groups.isEmpty ? [] : table(statistics.groups)
        guard let others = statistics.otherGroups, others > 0 else { return lines }
        return lines + ["and \(others) more \(others == 1 ? "group" : "groups")"]
    }

    private func table(_ groups: [Group]) -> [String] {
        let columns: [Table.Column] = [
            .text("GROUP"), .number("RUNNING"), .number("QUEUED"), .number("LIMIT"), .text("PAUSED"),
        ]
        let rows: [[Table.Cell]] = groups.map { group in
            [
                Table.Cell(group.name), Table.Cell(group.running), Table.Cell(group.queued),
                Table.Cell(group.limit.map(String.init) ?? "-"), group.paused ? "yes" : "no",
            ]
        }
        return Table.lines(columns, rows, style)
    }
}
