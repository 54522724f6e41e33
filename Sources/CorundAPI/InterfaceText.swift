/// The definitions of corund's Varlink interfaces, from the `.varlink` files of this target.
public enum InterfaceText {
    /// `io.corund.Jobs`.
    public static let jobs = String(decoding: PackageResources.io_corund_Jobs_varlink, as: UTF8.self)
    /// `io.corund.Service`.
    public static let service = String(decoding: PackageResources.io_corund_Service_varlink, as: UTF8.self)
}

/// The names of corund's Varlink interfaces.
public enum InterfaceName {
    /// Submitting, waiting for, watching and cancelling jobs.
    public static let jobs = "io.corund.Jobs"
    /// Health, introspection and control.
    public static let service = "io.corund.Service"
}
