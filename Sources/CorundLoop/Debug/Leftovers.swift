extension EventLoop {
    /// Reports, one by one, what nobody has ended before the loop's end.
    func reportLeftovers() {
        for task in tasks.live.sorted(by: { $0.id < $1.id }) {
            report(
                ExceptionReport(
                    message: "a task was left when the event loop was closed", taskName: task.name,
                    createdAt: task.createdAt))
        }
        for timer in timers.elements.sorted(by: { $0.deadline < $1.deadline }) {
            report("a timer was left when the event loop was closed", timer)
        }
        for case .handle(let handle) in readyItems() where !handle.isCancelled {
            report("a callback was left when the event loop was closed", handle)
        }
        for (descriptor, watch) in watches.sorted(by: { $0.key < $1.key }) where descriptor != signals?.number {
            for (handle, purpose) in watch.leftovers {
                report("descriptor \(descriptor) was still watched \(purpose) when the event loop was closed", handle)
            }
        }
    }

    private func report(_ message: String, _ handle: Handle) {
        report(ExceptionReport(message: message, createdAt: handle.site.description))
    }
}

extension Watch {
    /// A connection that is watched for its hang-up is not among them: it belongs to a server, which writes out its last
    /// replies after the loop's end and then closes it.
    fileprivate var leftovers: [(Handle, String)] {
        guard hangUp == nil else { return [] }
        return [(reader, "for reading"), (writer, "for writing")].compactMap { handle, purpose in
            handle.map { ($0, purpose) }
        }
    }
}
