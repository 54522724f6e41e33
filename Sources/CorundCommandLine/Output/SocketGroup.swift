import Glibc

/// The group whose members may connect to a socket, for those who may not.
struct SocketGroup: Equatable {
    private let id: UInt32
    /// Nil when nobody knows one.
    private let name: String?

    init(id: UInt32, name: String?) {
        (self.id, self.name) = (id, name)
    }

    /// From the file; nil where that cannot be looked at, or the group may not connect either.
    init?(of path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IWGRP != 0 else { return nil }
        self.init(id: status.st_gid, name: Self.name(of: status.st_gid))
    }

    /// What to do without knowing the group.
    static let generalAdvice =
        "The socket's owner and group may connect: ask an administrator to make you a member of the group"

    /// What to do.
    var advice: String {
        guard id != 0 else {
            return "Only root may connect. An administrator gives the socket to a group with SocketGroup= in its unit"
        }
        let group = name ?? "with the id \(id)"
        return "Members of the group \(group) may connect: ask an administrator to make you one, then log in again"
    }

    private static func name(of id: gid_t) -> String? {
        // The process has one thread that does this, and ends right after.
        getgrgid(id).map { String(cString: $0.pointee.gr_name) }
    }
}
