import CSystemd
import Glibc

/// A descriptor that the service manager passed, by socket activation or from its descriptor store.
public struct InheritedDescriptor: Hashable, Sendable {
    /// The open descriptor, 3 or above, with `FD_CLOEXEC` set; whoever takes it closes it.
    public let descriptor: Int32

    /// Its name: `FileDescriptorName=` of the socket unit (the unit's name by default), or `FDNAME=` of the store.
    public let name: String

    /// A descriptor and its name.
    public init(descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    /// Whether this is an `AF_UNIX` stream socket that listens, which is what one can accept connections from.
    ///
    /// - Returns: `false` for any other descriptor that is open.
    /// - Throws: ``SystemdError`` when the descriptor cannot be asked (`EBADF` when it is closed).
    public func isUnixListener() throws(SystemdError) -> Bool {
        let result = sd_is_socket_unix(descriptor, Int32(SOCK_STREAM.rawValue), 1, nil, 0)
        return try SystemdError.check(result, .socketCheck) > 0
    }
}

/// The descriptors that the service manager passed to this process, as sd_listen_fds_with_names(3) tells them.
public enum ListenFDs {
    /// Takes the passed descriptors, in the order of their numbers; empty when there are none for this process.
    ///
    /// Sets `FD_CLOEXEC` on each, and removes `LISTEN_FDS`, `LISTEN_PID` and `LISTEN_FDNAMES` from the process
    /// environment, on failure too, so that no child takes them for its own and a second call finds nothing. libsystemd
    /// reads and changes the environment of the process itself: call this from `main`, before other threads start
    /// (changing the environment while another thread reads it is undefined).
    ///
    /// - Returns: What was passed. It may hold more than sockets: check each with
    ///   ``InheritedDescriptor/isUnixListener()``.
    /// - Throws: ``SystemdError``: `EINVAL` when the variables contradict each other, `EBADF` when one of the
    ///   descriptors is not open.
    public static func take() throws(SystemdError) -> [InheritedDescriptor] {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let unsetEnvironment: Int32 = 1
        let count = try SystemdError.check(sd_listen_fds_with_names(unsetEnvironment, &names), .listenDescriptors)
        defer { free(names) }

        let firstDescriptor: Int32 = 3  // SD_LISTEN_FDS_START
        return (0..<count).map { index in
            // SAFETY: on success libsystemd gives `count` allocated strings (then NULL), which are ours to free; each is
            // read and freed once, here, and the array itself by the `defer` above.
            guard let name = names?[Int(index)] else {
                return InheritedDescriptor(descriptor: firstDescriptor + index, name: "")
            }
            defer { free(name) }
            return InheritedDescriptor(descriptor: firstDescriptor + index, name: String(cString: name))
        }
    }
}
