/// What a loop runs in a tick.
enum ReadyItem {
    /// A piece of a task that prefers the loop.
    case job(UnownedJob)
    /// A piece of a task that is inside an actor of the loop.
    case isolatedJob(UnownedJob)
    /// A piece of a task that prefers nothing, on the loop that is the process's default.
    case defaultJob(UnownedJob)
    /// A task that has given way.
    case turn(UnownedJob)
    case handle(Handle)
}

// SAFETY: an item is handed from the thread that makes it to the loop through the inbox's lock, and not touched by
// the giver afterwards; a handle that crosses carries a @Sendable callback (see `callSoonThreadSafe`).
extension ReadyItem: @unchecked Sendable {}
