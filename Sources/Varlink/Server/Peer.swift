import CLinux
import CorundLoop
import Glibc
import SystemPackage

/// The process at the other end of a connection, as the kernel recorded it when it connected.
public struct Peer: Sendable, Equatable {
    /// Its process id then.
    public let processID: Int32
    /// Its effective user id then.
    public let userID: UInt32
    /// Its effective group id then.
    public let groupID: UInt32
    /// Its supplementary group ids then, in no order; the effective one may be among them.
    public let supplementaryGroupIDs: [UInt32]

    package init(processID: Int32, userID: UInt32, groupID: UInt32, supplementaryGroupIDs: [UInt32] = []) {
        self.processID = processID
        self.userID = userID
        self.groupID = groupID
        self.supplementaryGroupIDs = supplementaryGroupIDs
    }

    /// For what concerns no client in particular.
    static let unknown = Peer(processID: 0, userID: 0, groupID: 0)

    /// From `SO_PEERCRED` and `SO_PEERGROUPS` of a connected Unix socket.
    init(of socket: CInt) throws(SystemCallError) {
        var (process, user, group): (pid_t, uid_t, gid_t) = (0, 0, 0)
        try SystemCallError.check(corund_peer_credentials(socket, &process, &user, &group), "getsockopt SO_PEERCRED")
        let groups = try Self.supplementaryGroupIDs { corund_peer_groups(socket, $0, &$1) }
        self.init(processID: process, userID: user, groupID: group, supplementaryGroupIDs: groups)
    }

    /// Nearly everybody has fewer.
    private static let usualGroupCount = 32
    /// `NGROUPS_MAX` of Linux.
    private static let mostGroups = 65_536

    /// All groups that `read` gives.
    ///
    /// `read` is as `corund_peer_groups`. Where there is too little room it says how much is needed; what the kernel
    /// recorded does not change, so that one more try is enough.
    static func supplementaryGroupIDs(
        _ read: (UnsafeMutablePointer<gid_t>?, inout Int) -> CInt
    ) throws(SystemCallError) -> [UInt32] {
        var room = usualGroupCount
        for _ in 0..<2 {
            var count = room
            var error: Errno?
            let groups = [gid_t](unsafeUninitializedCapacity: room) { buffer, initialized in
                error = read(buffer.baseAddress, &count) == 0 ? nil : Errno(rawValue: errno)
                initialized = error == nil ? min(count, room) : 0
            }
            switch error {
            case nil: return groups
            case .outOfRange? where count > room && count <= mostGroups: room = count
            case let error?: throw SystemCallError("getsockopt SO_PEERGROUPS", errno: error)
            }
        }
        throw SystemCallError("getsockopt SO_PEERGROUPS", errno: .outOfRange)
    }
}
