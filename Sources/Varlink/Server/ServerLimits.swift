/// What a server lets a client ask of it.
package struct ServerLimits: Sendable, Equatable {
    /// Bytes of one message, of those who may call something.
    package var messageSize = 1 << 20
    /// Objects and arrays inside one another.
    package var nestingDepth = 64
    /// Calls of one connection that are not answered; at that many it is read no further.
    package var callsInFlight = 128
    /// Connections of one user, as long as those that come may call something.
    package var connectionsPerUser = 1024
    /// Bytes of replies that one connection has not taken; at that many it is read no further.
    package var unsentBytes = 1 << 20
    /// Bytes of replies that one connection has not taken, beside the largest of them; above that it is closed.
    package var unsentBytesAtMost = 16 << 20

    /// Bytes of one message of a stranger, whose access is 0: what it may call takes no more than a name.
    package var strangerMessageSize = 4 << 10
    /// Connections of one user with which a stranger is still accepted, whatever those may call.
    package var strangerConnections = 16

    package init() {}

    /// The bound of a peer with `access`; a stranger's is never above the others'.
    func messageSize(for access: UInt32) -> Int {
        access == 0 ? min(strangerMessageSize, messageSize) : messageSize
    }

    /// As ``messageSize(for:)``.
    func connections(for access: UInt32) -> Int {
        access == 0 ? min(strangerConnections, connectionsPerUser) : connectionsPerUser
    }
}
