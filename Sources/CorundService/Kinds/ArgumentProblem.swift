import Varlink

/// Arguments that do not fit their kind.
struct ArgumentProblem: Error, Equatable {
    /// Leads to the fault, such as `files[2].name`; empty for the whole.
    let path: String
    let message: String

    /// The arguments as a value.
    ///
    /// - Throws: ``ArgumentProblem`` for what is no such value.
    static func decode<Arguments: Decodable>(
        _ arguments: RawJSON, as type: Arguments.Type = Arguments.self
    ) throws(ArgumentProblem) -> Arguments {
        do { return try arguments.decode(type) } catch let error as DecodingError {
            let (path, message) = error.explanation
            throw ArgumentProblem(path: path, message: message)
        } catch {
            throw ArgumentProblem(path: "", message: "\(error)")  // the type refuses them in words of its own
        }
    }

    /// The members of an object that are not null.
    ///
    /// - Throws: ``ArgumentProblem`` for what is no object, and for a member whose name is not a known one.
    static func members(of json: RawJSON, known: [String]) throws(ArgumentProblem) -> [String: RawJSON] {
        let members: [String: RawJSON?]
        do { members = try json.decode() } catch {
            throw ArgumentProblem(path: "", message: "expected an object with an argument for each member")
        }
        for name in members.keys.sorted() where !known.contains(name) {
            let guess = Spelling.nearest(to: name, among: known.sorted()).map { "; did you mean \($0)?" }
            throw ArgumentProblem(path: name, message: "there is no such argument" + (guess ?? ""))
        }
        return members.compactMapValues(\.self)
    }
}
