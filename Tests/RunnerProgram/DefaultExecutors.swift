import CorundRunner
import Dispatch

extension RunnerProgram {
    /// Work that names no executor, while a loop is the default and after its close.
    static func defaultExecutor() throws {
        say("installed: \(DefaultExecutor.install())")
        let runner = Runner()
        say("default: \(try runner.loop.becomeDefault())")
        try runner.run { await Task.detached { say("during the run, on the loop: \(EventLoop.running != nil)") }.value }
        try runner.close()
        let ended = DispatchSemaphore(value: 0)
        Task.detached {
            say("after the close, on the loop: \(EventLoop.running != nil)")
            ended.signal()
        }
        ended.wait()
    }
}
