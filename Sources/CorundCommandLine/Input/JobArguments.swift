package import CorundLoop
package import Varlink

/// A job's arguments as they stand on a command line: nothing; one JSON text; `name=value` pairs, which make an object;
/// `@file`; or `-` for standard input.
package enum JobArguments: Equatable, Sendable {
    case none
    case json(RawJSON)
    /// A file that holds one JSON text.
    case file(String)
    case standardInput

    /// From the words after the job's name.
    ///
    /// The value of a pair is JSON if it can be read as JSON, else a string: `count=3` is a number, `id=007` and
    /// `name=Ada` are strings, and `id='"3"'` is a string as well. That of `name:=value` must be JSON, as with HTTPie.
    package init(_ words: [String]) throws(ArgumentsError) {
        guard let first = words.first else {
            self = .none
            return
        }
        if words.count == 1, let alone = try Self.standingAlone(first) {
            self = alone
        } else {
            self = .json(try Self.object(ofPairs: words))
        }
    }

    /// What a single word means, unless it is a pair.
    private static func standingAlone(_ word: String) throws(ArgumentsError) -> JobArguments? {
        if word == "-" { return .standardInput }
        if word.hasPrefix("@") { return .file(String(word.dropFirst())) }
        do throws(JSONError) { return .json(try RawJSON(validating: word)) } catch {
            guard looksLikeJSON(word) else { return nil }
            throw .notJSON(source: "the arguments", error)
        }
    }

    private static func object(ofPairs words: [String]) throws(ArgumentsError) -> RawJSON {
        var writer = JSONWriter()
        var names: Set<String> = []
        for word in words {
            let (name, value) = try pair(word)
            guard names.insert(name).inserted else { throw .repeated(name: name) }
            writer.literal(names.count == 1 ? "{" : ",")
            writer.string(name)
            writer.literal(":")
            writer.raw(value)
        }
        writer.literal("}")
        return RawJSON(unchecked: writer.bytes)
    }

    private static func pair(_ word: String) throws(ArgumentsError) -> (name: String, value: RawJSON) {
        guard let (name, text) = NamedValue.split(word), !looksLikeJSON(word), name != ":" else {
            throw .notAPair(word)
        }
        do throws(JSONError) {
            let value = try RawJSON(validating: text)
            return (name.hasSuffix(":") ? String(name.dropLast()) : name, value)
        } catch {
            guard !name.hasSuffix(":") else { throw .notJSONValue(word, error) }
            return (name, RawJSON(string: text))
        }
    }

    private static func looksLikeJSON(_ word: String) -> Bool {
        guard let first = word.first(where: { !$0.isWhitespace }) else { return false }
        return "{[\"".contains(first)
    }
}

/// Why a job's arguments cannot be sent.
package enum ArgumentsError: Error, Equatable {
    case notJSON(source: String, JSONError)
    /// Neither JSON nor `name=value`.
    case notAPair(String)
    /// The value of `name:=value` is not JSON.
    case notJSONValue(String, JSONError)
    /// A file that is to be a string, and is no UTF-8.
    case notText(source: String)
    case repeated(name: String)
    /// A file that cannot be read.
    case unreadable(source: String, SystemCallError)
    case tooLarge(source: String, limit: Int)
}

extension RawJSON {
    /// A JSON string.
    fileprivate init(string: String) {
        var writer = JSONWriter()
        writer.string(string)
        self.init(unchecked: writer.bytes)
    }
}

/// `name=value`.
package enum NamedValue {
    /// The name, which is not empty, and what stands after the first `=`; nil when there is none.
    package static func split(_ word: String) -> (name: String, value: String)? {
        guard let equals = word.firstIndex(of: "="), equals > word.startIndex else { return nil }
        return (String(word[..<equals]), String(word[word.index(after: equals)...]))
    }
}
