import CorundAPI
import CorundLoop
import Varlink

// Who may call what. A method that is added to none of the roles is for operators, who may call everything; which jobs
// a caller then finds is said by its Principal.

extension Interface {
    /// `io.corund.Jobs`.
    static func jobs(_ board: JobBoard, _ scheduler: Scheduler) -> Interface {
        var jobs = Interface(name: InterfaceName.jobs, description: InterfaceText.jobs, for: .operate)
        jobs.open(to: .submit) { jobs in
            jobs.handle("Run", RunMethod(scheduler, board.kinds, board.store.ids).handle)
            jobs.addSubmit(board)
            jobs.addSubmitMany(board)
            jobs.addCancel(board, scheduler)
            jobs.addRetry(board)
            jobs.addRemove(board)
        }
        jobs.open(to: [.submit, .observe]) { jobs in
            jobs.addGet(board)
            jobs.addWait(board)
            jobs.addWatch(board)
            jobs.addList(board)
            jobs.addKinds(board.kinds, isStoreDurable: board.store.isDurable)
        }
        return jobs
    }

    /// `io.corund.Service`.
    static func service(
        _ scheduler: Scheduler, _ board: JobBoard, _ ending: Ending, _ reloading: Reloading?, _ wallClock: WallClock,
        connections: @escaping () -> Int
    ) -> Interface {
        var service = Interface(name: InterfaceName.service, description: InterfaceText.service, for: .operate)
        service.open(to: [.submit, .observe]) { service in
            service.addHealth(scheduler, board.store)
            service.addStatistics(scheduler, startedAt: wallClock.now(), connections: connections)
        }
        service.open(to: .observe) { service in
            service.addTasks(scheduler, wallClock)
            service.addMetrics(scheduler, board.store, startedAt: wallClock.now(), connections: connections)
            service.addContexts(scheduler)
        }
        service.open(to: .operate) { service in
            service.addSetDebug(scheduler.loop)
            service.addPause(scheduler, board)
            service.addResume(scheduler, board)
            service.addDrain(ending, scheduler)
            if let reloading { service.addReload(reloading) } else { service.declareNotImplemented(["Reload"]) }
        }
        return service
    }

    private init(name: String, description: String, for roles: AccessRoles) {
        self.init(name: name, description: description, requirement: roles.requirement)
    }

    /// The methods that `add` adds are for callers that have any of the roles.
    private mutating func open(to roles: AccessRoles, _ add: (inout Interface) -> Void) {
        require(roles.requirement, add)
    }
}
