import CorundAPI
import CorundLoop
import Varlink

extension Interface {
    /// `io.corund.Jobs`.
    static func jobs(_ board: JobBoard, _ scheduler: Scheduler) -> Interface {
        var jobs = Interface(name: InterfaceName.jobs, description: InterfaceText.jobs)
        jobs.handle("Run", RunMethod(scheduler, board.kinds, board.store.ids).handle)
        jobs.addSubmit(board)
        jobs.addSubmitMany(board)
        jobs.addGet(board)
        jobs.addWait(board)
        jobs.addWatch(board)
        jobs.addList(board)
        jobs.addCancel(board, scheduler)
        jobs.addRetry(board)
        jobs.addRemove(board)
        jobs.addKinds(board.kinds, isStoreDurable: board.store.isDurable)
        return jobs
    }

    /// `io.corund.Service`.
    static func service(
        _ scheduler: Scheduler, _ board: JobBoard, _ ending: Ending, _ reloading: Reloading?, _ wallClock: WallClock,
        connections: @escaping () -> Int
    ) -> Interface {
        var service = Interface(name: InterfaceName.service, description: InterfaceText.service)
        service.addHealth(scheduler, board.store)
        service.addStatistics(
            scheduler, startedAt: wallClock.now(), wallClock: wallClock, connections: connections)
        service.addTasks(scheduler, wallClock)
        service.addMetrics(scheduler, board.store, startedAt: wallClock.now(), connections: connections)
        service.addContexts(scheduler)
        service.addSetDebug(scheduler.loop)
        service.addPause(scheduler, board.kinds)
        service.addResume(scheduler, board.kinds)
        service.addDrain(ending, scheduler)
        if let reloading { service.addReload(reloading) } else { service.declareNotImplemented(["Reload"]) }
        return service
    }
}
