/// Where a job runs.
enum ContextChoice: Equatable {
    /// The runner's one context.
    case shared
    /// A fresh copy of it, as it was before the first job.
    case isolated
    /// A context of that name, shared by the jobs that name it.
    case named(String)

    /// From the wire.
    init(_ name: String?) {
        switch name {
        case nil, "shared": self = .shared
        case "isolated": self = .isolated
        case let name?: self = .named(name)
        }
    }

    var name: String {
        switch self {
        case .shared: "shared"
        case .isolated: "isolated"
        case .named(let name): name
        }
    }
}
