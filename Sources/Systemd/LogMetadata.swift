import Logging

/// The metadata of one log event, from all its sources, as texts in the order of their keys.
struct LogMetadata: Sendable {
    private(set) var pairs: [(key: String, value: String)]

    /// Merges the sources; where they share a key the event wins over the provider, and the provider over the logger.
    ///
    /// An error becomes `error.message` and `error.type`, the keys that swift-log's own handlers use.
    init(logger: Logger.Metadata, provider: Logger.MetadataProvider?, event: LogEvent) {
        var merged = logger
        if let provider { merged.merge(provider.get()) { _, provided in provided } }
        if let metadata = event.metadata { merged.merge(metadata) { _, explicit in explicit } }
        if let error = event.error {
            merged["error.message"] = .string("\(error)")
            merged["error.type"] = .string(String(reflecting: type(of: error)))
        }
        pairs = merged.sorted { $0.key < $1.key }.map { (key: $0.key, value: Self.text(of: $0.value)) }
    }

    /// The same with another pair at its end.
    func adding(_ key: String, _ value: String) -> LogMetadata {
        var metadata = self
        metadata.pairs.append((key, value))
        return metadata
    }

    /// A scalar as it is, arrays and dictionaries in the manner of JSON, dictionaries in the order of their keys.
    private static func text(of value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): text
        case .stringConvertible(let convertible): convertible.description
        case .array, .dictionary: nestedText(of: value)
        }
    }

    private static func nestedText(of value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): LogText.quoted(text)
        case .stringConvertible(let convertible): LogText.quoted(convertible.description)
        case .array(let values): "[\(values.map(nestedText).joined(separator: ", "))]"
        case .dictionary(let values):
            "{"
                + values.sorted { $0.key < $1.key }
                .map { "\(LogText.quoted($0.key)): \(nestedText(of: $0.value))" }
                .joined(separator: ", ") + "}"
        }
    }
}
