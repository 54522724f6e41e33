import CorundLoop
import Glibc
import SystemPackage

/// What a name or a number in a list of ``AccessSettings`` is of.
enum AccountKind: String, Sendable, CustomStringConvertible {
    case user
    case group

    var description: String { rawValue }
}

/// Finds users and groups by name: the seam between the configuration and the system's accounts.
struct AccountDirectory: Sendable {
    /// The id of the one with that name; nil when there is none.
    private let lookUp: @Sendable (AccountKind, String) throws(SystemCallError) -> UInt32?

    init(_ lookUp: @escaping @Sendable (AccountKind, String) throws(SystemCallError) -> UInt32?) {
        self.lookUp = lookUp
    }

    /// Why something has no id: a phrase.
    struct Failure: Error, Equatable {
        let message: String
        /// Whether there is no such account, as far as those know that were asked.
        var isAbsence = false
    }

    /// The id that `account`, a name or a number, stands for.
    ///
    /// A number need not be anybody's.
    func id(of account: String, _ kind: AccountKind) throws(Failure) -> UInt32 {
        if !account.isEmpty, account.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            // The largest number means "none" to the kernel.
            guard let number = UInt32(account), number < .max else {
                throw Failure(message: "\(account) is too large for a \(kind) id")
            }
            return number
        }
        do throws(SystemCallError) {
            if let id = try lookUp(kind, account) { return id }
        } catch {
            throw Failure(message: "the \(kind) \(TOMLText.string(account)) cannot be looked up: \(error.errno)")
        }
        throw Failure(message: "there is no \(kind) \(TOMLText.string(account)) on this machine", isAbsence: true)
    }
}

extension AccountDirectory {
    /// The accounts of the system, wherever nsswitch.conf(5) says that they are; it may take a while to ask a server.
    static let system = AccountDirectory { kind, name throws(SystemCallError) in
        switch kind {
        case .user:
            try find("getpwnam") { buffer, size in
                var entry = passwd()
                var found: UnsafeMutablePointer<passwd>?
                let error = getpwnam_r(name, &entry, buffer, size, &found)
                return (error, found.map { $0.pointee.pw_uid })
            }
        case .group:
            try find("getgrnam") { buffer, size in
                var entry = Glibc.group()
                var found: UnsafeMutablePointer<Glibc.group>?
                let error = getgrnam_r(name, &entry, buffer, size, &found)
                return (error, found.map { $0.pointee.gr_gid })
            }
        }
    }

    private static let usualSize = 1024
    /// A group's entry lists its members, and there may be many.
    private static let largestSize = 16 << 20

    /// Calls `read` with a larger and larger buffer, as long as its entry does not fit.
    private static func find(
        _ call: String, _ read: (UnsafeMutablePointer<CChar>, Int) -> (error: CInt, id: UInt32?)
    ) throws(SystemCallError) -> UInt32? {
        var size = usualSize
        while true {
            var buffer = [CChar](repeating: 0, count: size)
            let (error, id) = read(&buffer, size)
            // What glibc says of a name that there is not, depends on the service that was asked.
            if error == 0 || [ENOENT, ESRCH, EBADF, EPERM].contains(error) { return id }
            guard error == EINTR || error == ERANGE, size < largestSize else {
                throw SystemCallError(call, errno: Errno(rawValue: error))
            }
            if error == ERANGE { size *= 4 }
        }
    }
}
