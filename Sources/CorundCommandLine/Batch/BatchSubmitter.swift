package import CorundAPI
package import CorundLoop
package import Varlink

/// Submits a batch file, a few batches at a time.
///
/// It belongs to the loop's thread.
package final class BatchSubmitter: @unchecked Sendable {
    // SAFETY: confined to the loop's thread by contract; Sendable so that its batches' tasks may share it.

    /// Called with the reply to each batch, in the order of the file.
    package var onRecorded: (RawJSON) throws -> Void = { _ in }
    /// Called when a batch is not recorded yet and will be sent again.
    package var onPause: (any Error) -> Void = { _ in }

    private let link: ReconnectingClient
    private let loop: EventLoop
    private let changed: LoopSignal
    private var slots: [Slot] = []
    private var account = BatchAccount()

    /// Batches that are sent and not yet answered, so that the daemon has one to record while the next is on its way.
    private static let window = 4

    /// A batch on its way, and what became of it.
    private final class Slot {
        let batch: Batch
        var outcome: Result<RawJSON, any Error>?

        init(_ batch: Batch) { self.batch = batch }
    }

    package init(_ link: ReconnectingClient, on loop: EventLoop) {
        self.link = link
        self.loop = loop
        changed = LoopSignal(loop: loop)
    }

    /// Submits all that `reader` gives.
    ///
    /// - Throws: ``BatchError``; nothing more is sent after the first part that cannot be submitted.
    package func submit(_ reader: BatchReader) async throws {
        var unsent: Batch?
        do {
            while let batch = try await reader.next() {
                unsent = batch
                while slots.count >= Self.window || slots.first?.outcome != nil { try await settleOne() }
                try send(batch)
                unsent = nil
            }
            while !slots.isEmpty { try await settleOne() }
        } catch {
            account.firstUnsent = unsent?.range.lowerBound ?? (reader.isFinished ? nil : reader.firstLeft)
            try await settleRest()
            let failed = error as? FailedBatch
            throw BatchError(failed?.cause ?? error, of: failed?.batch, in: reader.source, account)
        }
    }

    /// A batch that will not be recorded.
    private struct FailedBatch: Error {
        let batch: Batch
        let cause: any Error
    }

    private func send(_ batch: Batch) throws {
        let slot = Slot(batch)
        slots.append(slot)
        // SAFETY: the slot stays on the loop's thread, as the task does.
        nonisolated(unsafe) let shared = slot
        try loop.spawn(name: "batch") { [self] in
            do { shared.outcome = .success(try await record(shared.batch)) } catch { shared.outcome = .failure(error) }
            changed.notify()
        }
    }

    private func record(_ batch: Batch) async throws -> RawJSON {
        var retry = BatchRetry(isRepeatable: batch.isRepeatable)
        let begin = loop.now
        while true {
            do {
                return try await link.attempt {
                    try await $0.call("\(InterfaceName.jobs).SubmitMany", parameters: batch.parameters)
                }
            } catch {
                let elapsed = loop.now.duration(since: begin)
                guard let pause = retry.pause(after: error, elapsed: elapsed, draw: .random(in: 0...1)) else {
                    throw error
                }
                onPause(error)
                try await loop.sleep(for: pause)
            }
        }
    }

    /// Waits for the first batch on its way, and gives its reply to ``onRecorded``.
    private func settleOne() async throws {
        let slot = slots[0]
        while slot.outcome == nil { try await changed.wait() }
        slots.removeFirst()
        switch slot.outcome {
        case .success(let reply):
            account.add(slot.batch.range, .submitted)
            try onRecorded(reply)
        case .failure(let error):
            account.add(slot.batch.range, BatchRetry.isUncertain(error) ? .uncertain : .refused)
            throw FailedBatch(batch: slot.batch, cause: error)
        case nil: break
        }
    }

    /// Waits for what is on its way after one that failed: it may be recorded, and then that must be said.
    private func settleRest() async throws {
        while !slots.isEmpty {
            do { try await settleOne() } catch let error as CancellationError { throw error } catch {}
        }
    }
}
