import CorundAPI
package import Varlink

/// A line of a batch: a `Submission` as JSON, which is sent as it is written.
package struct SubmissionLine: Equatable, Sendable {
    /// From 1.
    package let number: Int
    package let job: String
    /// It may be sent twice: the daemon knows the second one by its key.
    package let hasKey: Bool
    package let text: RawJSON

    /// - Throws: ``SubmissionLineError`` for text that is no submission, or has members that none has.
    package init(_ bytes: ArraySlice<UInt8>, number: Int) throws(SubmissionLineError) {
        do {
            text = try RawJSON(validating: bytes)
            let checked = try text.decode(Checked.self)
            if let unknown = checked.unknown {
                throw SubmissionLineError("there is no member \"\(unknown.printable)\"")
            }
            self.number = number
            job = checked.submission.job
            hasKey = checked.submission.key != nil
        } catch let error as SubmissionLineError {
            throw error
        } catch let error as DecodingError {
            let (path, message) = error.explanation
            throw SubmissionLineError(path.isEmpty ? message : "\(path): \(message)")
        } catch {
            throw SubmissionLineError("\(error)")
        }
    }

    /// A submission, and the first of its members that the interface does not have: most likely a misspelt one, which a
    /// daemon would overlook.
    private struct Checked: Decodable {
        let submission: Submission
        let unknown: String?

        init(from decoder: any Decoder) throws {
            let names = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
            unknown = names.filter { !Submission.memberNames.contains($0) }.min()
            submission = try Submission(from: decoder)
        }
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        let intValue: Int? = nil

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

/// Why a line cannot be submitted.
package struct SubmissionLineError: Error, Equatable {
    package let message: String

    package init(_ message: String) {
        self.message = message
    }
}
