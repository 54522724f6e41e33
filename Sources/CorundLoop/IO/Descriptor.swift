import Glibc

/// A file descriptor with one owner, closed when the owner lets go of it.
package struct Descriptor: ~Copyable, Sendable {
    /// The number, for system calls; valid as long as the descriptor.
    package let number: CInt

    /// Takes over an open descriptor.
    package init(owning number: CInt) {
        self.number = number
    }

    deinit {
        // EINTR is no reason to try again: on Linux the number is free by then (close(2)).
        _ = Glibc.close(number)
    }
}
