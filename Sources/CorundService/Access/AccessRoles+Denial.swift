import Varlink

extension AccessRoles {
    /// That callers have one of these roles, or ``operate``, with which they may call everything.
    var requirement: AccessRequirement {
        let sufficient = union(.operate)
        return AccessRequirement(anyOf: sufficient.rawValue) { method in
            sufficient.denial(of: String(method.split(separator: ".").last ?? ""))
        }
    }

    /// What somebody without any of these roles is answered who wants `what`, such as `Pause`.
    func denial(of what: String) -> VarlinkError {
        let names = Self.names.filter { contains($0.role) }.map(\.name)
        let keys = names.flatMap { ["\($0)-users", "\($0)-groups"] }
        return .permissionDenied(
            "\(what) needs the role \(names.joinedByOr). An administrator gives it with \(keys.joinedByOr) under [access] "
                + "in the daemon's configuration")
    }
}

extension [String] {
    /// `a`, `a or b`, `a, b or c`.
    fileprivate var joinedByOr: String {
        let first = dropLast().joined(separator: ", ")
        return first.isEmpty ? joined() : "\(first) or \(suffix(1).joined())"
    }
}
