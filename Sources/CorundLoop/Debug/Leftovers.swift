extension EventLoop {
    /// Reports, one by one, what nobody has ended before the loop's end, other than generators.
    ///
    /// What the loop made for its own ends is none of the program's.
    func reportLeftovers() {
        for task in tasks.live.sorted(by: { $0.id < $1.id }) {
            report(
                ExceptionReport(
                    message: "a task was left over at close", taskName: task.name,
                    createdAt: task.createdAt))
        }
        for timer in timers.elements.sorted(by: { $0.deadline < $1.deadline }) where !timer.site.isOfTheLibrary {
            report("a timer was left over at close", timer)
        }
        for case .handle(let handle) in readyItems() where !handle.isCancelled && !handle.site.isOfTheLibrary {
            report("a callback was left over at close", handle)
        }
        for (descriptor, watch) in watches.sorted(by: { $0.key < $1.key }) {
            for (handle, purpose) in watch.leftovers {
                report("descriptor \(descriptor) was still watched \(purpose) at close", handle)
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
            handle.flatMap { $0.site.isOfTheLibrary ? nil : ($0, purpose) }
        }
    }
}
