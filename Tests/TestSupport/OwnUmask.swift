package import Glibc

/// Runs `body` on a thread that has this mask for the modes of new files, and no other has.
///
/// The mask is the process's, which runs other tests meanwhile, unless a thread takes leave of it by unshare(2).
package func withUmask<Success>(_ mask: mode_t, _ body: () throws -> Success) throws -> Success {
    // SAFETY: this thread only waits while the other one uses them.
    nonisolated(unsafe) var result: Result<Success, any Error>?
    withoutActuallyEscaping(body) { body in
        nonisolated(unsafe) let body = body
        let thread = ForeignThread {
            result = Result {
                try unshareFolderAndMask()
                umask(mask)
                return try body()
            }
        }
        thread.join()
    }
    guard let result else { preconditionFailure("the thread has run the body") }
    return try result.get()
}

private func unshareFolderAndMask() throws {
    // Not in Swift's Glibc, as `CLONE_FS` of linux/sched.h is not.
    typealias Unshare = @convention(c) (CInt) -> CInt
    let CLONE_FS: CInt = 0x200
    guard let address = dlsym(nil, "unshare") else { throw UnsharingFailed(errorNumber: ENOSYS) }
    let unshare = unsafeBitCast(address, to: Unshare.self)
    guard unshare(CLONE_FS) == 0 else { throw UnsharingFailed(errorNumber: errno) }
}

private struct UnsharingFailed: Error {
    let errorNumber: CInt
}
