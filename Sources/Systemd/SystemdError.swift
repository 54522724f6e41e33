import CSystemd
import Glibc

/// A refusal by libsystemd or the kernel: what was attempted, and the errno that came back.
public struct SystemdError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was attempted, named as the manual pages name it.
    ///
    /// Extensible: later versions add operations, so a `switch` over it needs a `default`.
    public struct Operation: RawRepresentable, Hashable, Sendable {
        /// The call or the environment variable, as `sd_is_socket_unix` or `WATCHDOG_USEC`.
        public let rawValue: String

        /// An operation of that name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The address in `NOTIFY_SOCKET`.
        public static let notifyAddress = Operation(rawValue: "NOTIFY_SOCKET")
        /// Opening the datagram socket for a notification.
        public static let notifySocket = Operation(rawValue: "socket for NOTIFY_SOCKET")
        /// Sending a notification.
        public static let notifySend = Operation(rawValue: "sendto NOTIFY_SOCKET")
        /// The interval in `WATCHDOG_USEC`.
        public static let watchdogInterval = Operation(rawValue: "WATCHDOG_USEC")
        /// The process in `WATCHDOG_PID`.
        public static let watchdogProcess = Operation(rawValue: "WATCHDOG_PID")
        /// Taking the descriptors that the service manager passed.
        public static let listenDescriptors = Operation(rawValue: "sd_listen_fds_with_names")
        /// Asking what a passed descriptor is.
        public static let socketCheck = Operation(rawValue: "sd_is_socket_unix")
        /// Asking for the device and inode of a descriptor.
        public static let fileStatus = Operation(rawValue: "fstat")
    }

    /// What was attempted.
    public let operation: Operation

    /// The error number, positive, as in errno(3).
    public let errorNumber: Int32

    /// An error of an operation; `errorNumber` is positive.
    public init(operation: Operation, errorNumber: Int32) {
        self.operation = operation
        self.errorNumber = errorNumber
    }

    /// As `sd_is_socket_unix: Bad file descriptor (errno 9)`.
    public var description: String {
        "\(operation.rawValue): \(Self.text(of: errorNumber)) (errno \(errorNumber))"
    }

    private static func text(of errorNumber: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        // Not strerror(3), whose buffer may be shared between threads.
        guard strerror_r(errorNumber, &buffer, buffer.count) == 0 else { return "unknown error" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Turns libsystemd's convention (negative errno on failure) into a value or a thrown error.
    static func check(_ result: Int32, _ operation: Operation) throws(SystemdError) -> Int32 {
        guard result >= 0 else { throw SystemdError(operation: operation, errorNumber: -result) }
        return result
    }
}
