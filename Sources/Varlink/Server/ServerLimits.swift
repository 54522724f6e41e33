/// What a server lets a client ask of it.
package struct ServerLimits: Sendable, Equatable {
    /// Bytes of one message.
    package var messageSize = 1 << 20
    /// Objects and arrays inside one another.
    package var nestingDepth = 64
    /// Calls of one connection that are not answered; at that many it is read no further.
    package var callsInFlight = 128
    /// Connections of one user.
    package var connectionsPerUser = 1024
    /// Bytes of replies that one connection has not taken; at that many it is read no further.
    package var unsentBytes = 1 << 20
    /// Bytes of replies that one connection has not taken; above that it is closed.
    package var unsentBytesAtMost = 16 << 20

    package init() {}
}
