import CLinux

/// Where a task is that waits for nothing but its loop, without a continuation: it has given way, or is in a ``ParkingPlace``.
///
/// To enter an actor, a task leaves the thread, and the actor's executor is handed the whole rest of the task as one job. The
/// loop runs that where the task came from, outside of this actor, in which there is nothing to protect; so the way out of the
/// actor is no hop any more.
actor Parking {
    static let shared = Parking()

    private let executor = ParkingExecutor()

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Leaves the thread, on which a loop must be running.
    func stay() {
        corund_do_nothing()  // Into an actor in which nothing happens nobody need go.
    }

    /// Sends a task of a closed loop where it belongs; where that is the loop, it comes no further.
    nonisolated func leave(_ job: UnownedJob) {
        job.runSynchronously(on: executor.asUnownedTaskExecutor())
    }
}

/// Hands what enters ``Parking`` to the loop that runs on the thread.
private final class ParkingExecutor: SerialExecutor, TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        guard let loop = corund_get_running_loop() else { preconditionFailure("a task parks on a running loop alone") }
        // SAFETY: the loop is running on this thread, which keeps it.
        Unmanaged<EventLoop>.fromOpaque(loop)._withUnsafeGuaranteedRef { $0.park(job) }
    }
}

/// Where a task of a loop waits until code on the loop lets it go on; one task at a time.
@usableFromInline
package class ParkingPlace: @unchecked Sendable {
    // SAFETY: confined to the loop, on which its task runs.

    let loop: EventLoop
    /// Whether its tasks prefer the loop even where that is the process's default.
    private let isPreferred: Bool
    fileprivate var job: UnownedJob?

    @usableFromInline
    package init(on loop: EventLoop, isPreferred: Bool = false) {
        self.loop = loop
        self.isPreferred = isPreferred
    }

    /// Waits for ``leave()``, whether or not the task is cancelled.
    package func wait() async {
        loop.parkingPlace = self
        await Parking.shared.stay()
    }

    /// Lets the task go on, in the next tick; false when none waits.
    @discardableResult
    package func leave() -> Bool {
        guard let item = takeItem() else { return false }
        loop.appendReady(item)
        return true
    }

    /// Lets the task go on at once, as an inner piece of the caller's, and returns when it waits for something or has ended;
    /// as ``leave()`` where the loop bears no more of these.
    func leaveAtOnce() {
        guard loop.bearsAnInnerPiece(), let item = takeItem() else {
            leave()
            return
        }
        loop.innerPieces += 1
        defer { loop.innerPieces -= 1 }
        loop.run(item)
    }

    private func takeItem() -> ReadyItem? {
        guard let job = job.take() else { return nil }
        return loop.isDefault && !isPreferred ? .defaultJob(job) : .job(job)
    }
}

extension EventLoop {
    /// Far below what a thread's stack has room for, and above what people stack.
    private static let innerPieceLimit = 100

    fileprivate func bearsAnInnerPiece() -> Bool {
        innerPieces < Self.innerPieceLimit
            && stepBudget.takeStep(in: StepBudget.Piece(tick: tickCount, number: startedItemCount))
            && virtualTime?.mayGoOnAtOnce() != false
    }

    fileprivate func park(_ job: UnownedJob) {
        guard let place = parkingPlace.take() else { return appendReady(.turn(job)) }
        place.job = job
    }
}
