import CorundLoop
import Glibc
import SystemPackage

/// Says that the daemon that lives in a state folder is alive: the kernel lets go of it with the process.
final class StateLock {
    private let file: Descriptor

    /// - Throws: ``StoreError/inUse(folder:)``; ``StoreError/unusable(path:reason:)``.
    init(folder: String) throws(StoreError) {
        let path = "\(folder)/lock"
        let number = open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard number >= 0 else { throw .unusable(path: path, reason: Errno.ofThisThread.description) }
        file = Descriptor(owning: number)
        guard flock(number, LOCK_EX | LOCK_NB) == 0 else {
            let error = Errno.ofThisThread
            throw error == .wouldBlock ? .inUse(folder: folder) : .unusable(path: path, reason: error.description)
        }
    }
}
