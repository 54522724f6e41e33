// What the Swift runtime lets executors do, but not publicly yet (6.3): this file alone knows of it, and another compiler does
// without. The default executor then stays Swift's, and `Task.sleep` wakes by way of a thread that is not the loop's.
#if compiler(>=6.3) && compiler(<6.4)
    @_spi(ExperimentalCustomExecutors) @_spi(ExperimentalScheduling) import _Concurrency

    enum RuntimeHooks {
        /// Makes `executor` the process's default.
        ///
        /// - Returns: false when the process has one already: it is made with the first task.
        static func install(_ executor: LoopDefaultExecutor) -> Bool {
            _createExecutors(factory: Factory.self)
            return Task.defaultExecutor === executor
        }

        /// Hands a job to the executor that would be the default without ours.
        static func passOn(_ job: UnownedJob) {
            PlatformExecutorFactory.defaultExecutor.enqueue(ExecutorJob(job))
        }

        /// The process's default executor, ours or Swift's.
        static var defaultExecutor: UnownedTaskExecutor { Task.defaultExecutor.asUnownedTaskExecutor() }

        private struct Factory: ExecutorFactory {
            static var mainExecutor: any MainExecutor { PlatformExecutorFactory.mainExecutor }
            static var defaultExecutor: any TaskExecutor { LoopDefaultExecutor.shared }
        }
    }

    @_spi(CorundRuntime)
    extension EventLoop: SchedulingExecutor {
        /// Takes what wakes a task from `Task.sleep`: one of the loop's timers brings it in.
        public func enqueue<C: Clock>(
            _ job: consuming ExecutorJob, after delay: C.Duration, tolerance: C.Duration?, clock: C
        ) {
            // A clock that counts in something of its own sleeps by itself, and does not come here.
            set(UnownedJob(job), after: delay as? Duration ?? .zero)
        }
    }

    extension LoopDefaultExecutor: SchedulingExecutor {
        func enqueue<C: Clock>(
            _ job: consuming ExecutorJob, after delay: C.Duration, tolerance: C.Duration?, clock: C
        ) {
            guard let loop = EventLoop.running, loop.isDefault else {
                return Self.scheduleElsewhere(job, after: delay, tolerance: tolerance, clock: clock)
            }
            loop.set(UnownedJob(job), after: delay as? Duration ?? .zero)
        }

        private static func scheduleElsewhere<C: Clock>(
            _ job: consuming ExecutorJob, after delay: C.Duration, tolerance: C.Duration?, clock: C
        ) {
            guard let executor = PlatformExecutorFactory.defaultExecutor as? any SchedulingExecutor else {
                preconditionFailure("Swift's own executor schedules")
            }
            executor.enqueue(job, after: delay, tolerance: tolerance, clock: clock)
        }
    }
#else
    enum RuntimeHooks {
        static func install(_ executor: LoopDefaultExecutor) -> Bool { false }

        static var defaultExecutor: UnownedTaskExecutor {
            preconditionFailure("no alarm comes here")
        }

        static func passOn(_ job: UnownedJob) {
            preconditionFailure("nothing comes here where the executor cannot be installed")
        }
    }
#endif
