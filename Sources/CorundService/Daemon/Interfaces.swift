import CorundAPI
import CorundLoop
import Varlink

extension Interface {
    /// `io.corund.Jobs`, as far as this daemon implements it.
    static func jobs(
        _ board: JobBoard, _ scheduler: Scheduler, _ registry: JobRegistry, grace: Duration
    ) -> Interface {
        var jobs = Interface(name: InterfaceName.jobs, description: InterfaceText.jobs)
        jobs.handle("Run", RunMethod(scheduler, registry, board.store.ids).handle)
        jobs.addSubmit(board)
        jobs.addSubmitMany(board)
        jobs.addGet(board)
        jobs.addWait(board)
        jobs.addWatch(board)
        jobs.addList(board)
        jobs.addCancel(board, scheduler.loop, grace: grace)
        jobs.addRetry(board)
        jobs.addRemove(board)
        jobs.addKinds(registry, isStoreDurable: board.store.isDurable)
        return jobs
    }

    /// `io.corund.Service`, as far as this daemon implements it.
    static func service(
        _ scheduler: Scheduler, _ registry: JobRegistry, _ store: JobStore, _ ending: Ending, _ wallClock: WallClock,
        connections: @escaping () -> Int
    ) -> Interface {
        var service = Interface(name: InterfaceName.service, description: InterfaceText.service)
        service.addHealth(scheduler, store)
        service.addStatistics(
            scheduler, startedAt: wallClock.now(), wallClock: wallClock, connections: connections)
        service.addTasks(scheduler, wallClock)
        service.addMetrics(scheduler, store, startedAt: wallClock.now(), connections: connections)
        service.addContexts(scheduler)
        service.addSetDebug(scheduler.loop)
        service.addPause(scheduler, registry)
        service.addResume(scheduler, registry)
        service.addDrain(ending, scheduler)
        service.declareNotImplemented(["Reload"])
        return service
    }
}
