import CLinux
import CorundLoop
import Glibc

/// The process at the other end of a connection, as the kernel recorded it when it connected.
public struct Peer: Sendable, Equatable {
    /// Its process id then.
    public let processID: Int32
    /// Its effective user id then.
    public let userID: UInt32
    /// Its effective group id then.
    public let groupID: UInt32

    package init(processID: Int32, userID: UInt32, groupID: UInt32) {
        self.processID = processID
        self.userID = userID
        self.groupID = groupID
    }

    /// For what concerns no client in particular.
    static let unknown = Peer(processID: 0, userID: 0, groupID: 0)

    /// From `SO_PEERCRED` of a connected Unix socket.
    init(of socket: CInt) throws(SystemCallError) {
        var (process, user, group): (pid_t, uid_t, gid_t) = (0, 0, 0)
        try SystemCallError.check(corund_peer_credentials(socket, &process, &user, &group), "getsockopt SO_PEERCRED")
        self.init(processID: process, userID: user, groupID: group)
    }
}
