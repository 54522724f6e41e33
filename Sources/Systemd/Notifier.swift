import CSystemd
import Glibc

/// Tells the service manager about the state of this service, by the protocol of sd_notify(3).
///
/// A datagram to the address in `NOTIFY_SOCKET`, the protocol that the manual page declares stable, instead of a call
/// of `sd_notify`, for two reasons. That function reads the process environment at every call, from whatever thread
/// calls it, while here the environment is what `main` handed over. And it waits when the manager's queue is full, so
/// that a service manager which hangs (or has crashed: systemd then freezes with its sockets open) would stop the event
/// loop of a daemon that is otherwise well; here a full queue is the error `EAGAIN`.
///
/// The socket is opened at once and kept: a process whose clients have taken all descriptors lives, and one that cannot
/// say so is killed by the watchdog.
///
/// Safe to use from any thread; never waits.
public struct Notifier: Sendable {
    /// Most bytes of a notification; systemd ignores longer ones (`NOTIFY_BUFFER_MAX`).
    public static let messageLimit = 4096

    private let manager: Manager?

    private struct Manager: Sendable {
        let address: String
        let socket: DatagramSocket
    }

    /// A notifier to the address in `NOTIFY_SOCKET`; without one, it does nothing.
    ///
    /// - Parameter environment: The environment that the process was started with.
    public init(environment: [String: String]) {
        let address = environment["NOTIFY_SOCKET"] ?? ""
        manager = address.isEmpty ? nil : Manager(address: address, socket: DatagramSocket())
    }

    /// Whether there is a service manager to tell.
    public var isEnabled: Bool { manager != nil }

    /// Sends all the states as one notification, which the manager applies as one.
    ///
    /// - Parameter states: At least one; together at most ``messageLimit`` bytes.
    /// - Returns: Whether it was sent: `false` when there is no service manager, or when there are no states.
    /// - Throws: ``SystemdError``: `EAGAIN` when the manager's queue is full (try again later), `EMSGSIZE` above the
    ///   limit, `EAFNOSUPPORT` for an address that is neither a path nor abstract (`@…`), or what the kernel says.
    @discardableResult
    public func notify(_ states: NotifyState...) throws(SystemdError) -> Bool {
        try notify(states)
    }

    /// Sends all the states as one notification; see ``notify(_:)-(NotifyState...)``.
    ///
    /// - Parameter states: At least one; together at most ``messageLimit`` bytes.
    /// - Returns: Whether it was sent.
    /// - Throws: ``SystemdError``, as the variadic form.
    @discardableResult
    public func notify(_ states: [NotifyState]) throws(SystemdError) -> Bool {
        guard let manager, !states.isEmpty else { return false }
        let message = Array(NotifyState.message(of: states).utf8)
        guard message.count <= Self.messageLimit else {
            throw SystemdError(operation: .notifySend, errorNumber: EMSGSIZE)
        }
        try manager.socket.send(message, to: Self.socketAddress(of: manager.address))
        return true
    }

    /// The kernel's form of a path (`/run/…`) or an abstract name (`@…`).
    private static func socketAddress(
        of text: String
    ) throws(SystemdError) -> (address: sockaddr_un, length: socklen_t) {
        var bytes = Array(text.utf8)
        let isAbstract = bytes.first == UInt8(ascii: "@")
        guard isAbstract || bytes.first == UInt8(ascii: "/"), bytes.count > 1 else {
            throw SystemdError(operation: .notifyAddress, errorNumber: EAFNOSUPPORT)
        }
        if isAbstract { bytes[0] = 0 }

        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        // A path needs its terminating NUL (already there: the structure is zeroed), an abstract name does not.
        guard bytes.count <= (isAbstract ? room : room - 1) else {
            throw SystemdError(operation: .notifyAddress, errorNumber: ENAMETOOLONG)
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }

        let header = MemoryLayout<sockaddr_un>.size - room
        let length = header + bytes.count + (isAbstract ? 0 : 1)
        return (address, socklen_t(length))
    }
}

/// A socket that datagrams are sent from, closed with its last user.
private final class DatagramSocket: Sendable {
    /// Below zero when there could be none; then `failure` says why.
    private let number: Int32
    private let failure: Int32

    init() {
        number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        failure = number < 0 ? errno : 0
    }

    deinit {
        if number >= 0 { close(number) }
    }

    func send(_ message: [UInt8], to destination: (address: sockaddr_un, length: socklen_t)) throws(SystemdError) {
        guard number >= 0 else { throw SystemdError(operation: .notifySocket, errorNumber: failure) }
        var (address, length) = destination
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        while true {
            // SAFETY: sockaddr_un is a plain C structure that sendto reads as the sockaddr it begins with; `length` is
            // within it, and the pointer does not leave the closure.
            let sent = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(number, message, message.count, flags, $0, length)
                }
            }
            if sent >= 0 { return }  // Datagrams go whole or not at all.
            guard errno == EINTR else { throw SystemdError(operation: .notifySend, errorNumber: errno) }
        }
    }
}
