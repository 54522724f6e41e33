import Glibc

/// Which file a descriptor is open on: its device and inode.
public struct FileIdentity: Hashable, Sendable {
    /// The device, as `st_dev` of fstat(2).
    public let device: UInt64

    /// The inode, as `st_ino` of fstat(2).
    public let inode: UInt64

    /// The file with that device and inode.
    public init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }

    /// The file that a descriptor is open on.
    ///
    /// - Parameter descriptor: An open descriptor.
    /// - Throws: ``SystemdError`` with what fstat(2) says: `EBADF` when the descriptor is not open.
    public init(descriptor: Int32) throws(SystemdError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw SystemdError(operation: .fileStatus, errorNumber: errno)
        }
        self.init(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    /// The file that `JOURNAL_STREAM` names, as `device:inode` in decimal; `nil` when the text is no such pair.
    init?(journalStream: String) {
        let parts = journalStream.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let device = UInt64(parts[0]), let inode = UInt64(parts[1]) else { return nil }
        self.init(device: device, inode: inode)
    }
}
