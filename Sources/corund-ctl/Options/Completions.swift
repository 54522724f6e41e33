import ArgumentParser

// What a shell offers for a word: asked of the daemon, which answers in milliseconds. Where it does not answer nothing is
// offered, and the shell does not wait for long: whoever types is not to be held by a daemon that hangs.

extension CompletionKind {
    static let kinds = firstColumn("kinds")
    static let liveJobs = firstColumn("list --state scheduled --state queued --state running")
    static let endedJobs = firstColumn(
        "list --state succeeded --state failed --state cancelled --state timed_out --state interrupted")
    static let jobs = firstColumn("list")

    /// The first column of a table, without its title.
    private static func firstColumn(_ command: String) -> CompletionKind {
        .shellCommand("timeout 1 corund-ctl \(command) 2>/dev/null | awk 'NR > 1 { print $1 }'")
    }
}
