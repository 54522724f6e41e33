import CorundLoop

/// One timer for a time that changes, such as that of the first of many.
///
/// It belongs to the loop.
final class Alarm {
    private let loop: EventLoop
    private let ring: () -> Void
    private var timer: TimerHandle?

    init(loop: EventLoop, ring: @escaping () -> Void) {
        self.loop = loop
        self.ring = ring
    }

    /// Rings once at `time`, and not at the one it was set to before; nil: not at all.
    func set(at time: LoopTime?) {
        guard time != timer?.deadline else { return }
        timer?.cancel()
        timer = time.flatMap { time in
            try? loop.callAt(time) { [unowned self] in
                timer = nil
                ring()
            }
        }
    }
}
