/// What is to happen to a program and the process group that it leads, from its start to its end.
///
/// Pure.
///
/// running → stopping → killed → draining → over, and lingering where the program ends before the others of its group
struct ProgramGroup: Equatable {
    enum Phase: Equatable {
        /// The program runs.
        case running
        /// It was asked to end, with its group, and has its grace.
        case stopping
        /// It was killed, and the kernel has not ended it yet.
        case killed
        /// The program has ended. Others of its group have not: they may finish what they write, or, once they were asked
        /// to end, end.
        case lingering(isStopping: Bool)
        /// Nobody of the group is left, but what was written is not read yet, or another process still holds the pipe.
        case draining
        case over
    }

    enum Action: Equatable {
        /// Ask all of the group to end (SIGTERM).
        case terminate
        /// End all of the group (SIGKILL).
        case kill
        /// Set the timer to the grace.
        case allowGrace
        /// Set the timer to the time that is left for reading.
        case allowDraining
        /// See, a little later, whether the others are still there: the kernel tells nobody.
        case lookAgain
        /// Let go of the pipes, and tell how the program ended.
        case finish
    }

    private(set) var phase = Phase.running
    /// Whether the program was asked to end before it did.
    private(set) var wasStopped = false

    /// Somebody wants the program to end.
    mutating func stop() -> [Action] {
        switch phase {
        case .running:
            wasStopped = true
            phase = .stopping
            return [.terminate, .allowGrace]
        case .lingering(isStopping: false):
            phase = .lingering(isStopping: true)
            return [.terminate]
        case .stopping, .killed, .lingering(isStopping: true), .draining, .over: return []
        }
    }

    /// Nobody has time to wait for a grace.
    mutating func kill(outputIsOpen: Bool) -> [Action] {
        switch phase {
        case .running, .stopping:
            wasStopped = true
            phase = .killed
            return [.kill]
        case .lingering: return [.kill] + readOrFinish(outputIsOpen)
        case .killed, .draining, .over: return []
        }
    }

    /// The program has ended, and was reaped.
    ///
    /// - Parameters:
    ///   - othersLive: whether there are others in its group.
    ///   - outputIsOpen: whether there may be more to read.
    /// - Returns: what to do.
    mutating func programEnded(othersLive: Bool, outputIsOpen: Bool) -> [Action] {
        switch phase {
        case .running where othersLive && outputIsOpen:
            phase = .lingering(isStopping: false)
            return [.allowGrace, .lookAgain]
        case .stopping where othersLive:
            phase = .lingering(isStopping: true)
            return [.lookAgain]  // the grace goes on
        case .running, .stopping, .killed:
            return (othersLive ? [.kill] : []) + readOrFinish(outputIsOpen)
        case .lingering, .draining, .over: return []
        }
    }

    /// Somebody has looked whether there are others.
    mutating func looked(othersLive: Bool, outputIsOpen: Bool) -> [Action] {
        guard case .lingering = phase else { return [] }
        return othersLive ? [.lookAgain] : readOrFinish(outputIsOpen)
    }

    /// Nobody can write any more, and all was read.
    mutating func outputEnded(othersLive: Bool) -> [Action] {
        switch phase {
        case .running, .stopping, .killed, .over: return []
        case .lingering(isStopping: true) where othersLive: return []
        case .lingering, .draining: return (othersLive ? [.kill] : []) + readOrFinish(false)
        }
    }

    /// The time that was given last is over.
    mutating func timeIsUp(outputIsOpen: Bool) -> [Action] {
        switch phase {
        case .stopping:
            phase = .killed
            return [.kill]
        case .lingering: return [.kill] + readOrFinish(outputIsOpen)
        case .draining: return readOrFinish(false)  // who holds the pipe has left the group: it is not ours to end
        case .running, .killed, .over: return []
        }
    }

    private mutating func readOrFinish(_ outputIsOpen: Bool) -> [Action] {
        phase = outputIsOpen ? .draining : .over
        return [outputIsOpen ? .allowDraining : .finish]
    }
}
