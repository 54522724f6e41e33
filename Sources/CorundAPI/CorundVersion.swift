/// The version of this package.
public enum CorundVersion {
    /// By semantic versioning.
    public static let current = "0.1.0"
}
