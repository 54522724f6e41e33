/// Guesses which of the known words a misspelled one was meant to be.
enum Spelling {
    /// The known word that is nearest, if it is near enough to be worth a question.
    ///
    /// Capitals and `_` for `-` count as no difference; otherwise at most a third of the letters may differ.
    static func nearest(to word: String, among known: [String]) -> String? {
        let longestWord = 64  // Distances take time by the square of the length; no key comes near.
        guard word.count <= longestWord else { return nil }
        let wanted = normalised(word)
        let distances = known.map { (word: $0, distance: distance(wanted, normalised($0))) }
        guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, best.word.count / 3) ? best.word : nil
    }

    private static func normalised(_ word: String) -> [Character] {
        word.lowercased().map { $0 == "_" ? "-" : $0 }
    }

    /// The number of letters to insert, delete or replace (Levenshtein).
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var previous = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                let replaced = previous[column] + (letter == other ? 0 : 1)
                current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[right.count]
    }
}
