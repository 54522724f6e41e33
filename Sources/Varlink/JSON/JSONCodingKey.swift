/// A coding key that no user type declares: an array's index, any member name, or `super`.
struct JSONCodingKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    /// The key that `superEncoder()` and `superDecoder()` use when they are given none.
    static let superclass = JSONCodingKey(stringValue: "super")

    /// The key of an element; spelled as Foundation's coders spell it, which tells it from an integer member name.
    init(index: Int) {
        stringValue = "Index \(index)"
        intValue = index
    }

    init(stringValue: String) {
        self.stringValue = stringValue
        intValue = nil
    }

    init(intValue: Int) {
        stringValue = "\(intValue)"
        self.intValue = intValue
    }
}
