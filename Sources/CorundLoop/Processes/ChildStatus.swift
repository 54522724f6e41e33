import CLinux

/// How a child process ended.
public enum ChildStatus: Sendable, Hashable, CustomStringConvertible {
    /// By itself, with this exit code (0 to 255).
    case exited(CInt)
    /// By this signal.
    case signalled(CInt, dumpedCore: Bool = false)

    init(_ end: corund_child_end) {
        self = end.exited ? .exited(end.status) : .signalled(end.status, dumpedCore: end.dumped_core)
    }

    /// Whether it exited with code 0.
    public var isSuccess: Bool { self == .exited(0) }

    /// What happened, in words.
    public var description: String {
        switch self {
        case .exited(let code): "exited with code \(code)"
        case .signalled(let signal, let dumpedCore):
            "was ended by signal \(signal)" + (dumpedCore ? ", and dumped core" : "")
        }
    }
}
