import CLinux

/// What a child process has used, with those of its descendants that were waited for, as getrusage(2) has it.
package struct ResourceUsage: Sendable, Hashable {
    /// Processor time in user mode.
    package let userTime: Duration
    /// Processor time in the kernel.
    package let systemTime: Duration
    /// The most memory that one of the processes has taken; nil when this process itself had taken more.
    ///
    /// Until a child calls exec it shares the memory of its parent, and Linux counts that as the child's own: what is
    /// less cannot be known.
    package let peakMemory: Int?

    /// - Parameters:
    ///   - end: what the kernel has said of the child.
    ///   - parentPeak: the most memory that this process had taken when it had started the child.
    init(_ end: corund_child_end, parentPeak: Int64) {
        userTime = .microseconds(end.user_us)
        systemTime = .microseconds(end.system_us)
        peakMemory = end.max_rss_bytes > parentPeak ? Int(end.max_rss_bytes) : nil
    }
}
