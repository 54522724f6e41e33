extension Int {
    /// The number before words that fit it: `1 job runs`, `2 jobs run`.
    func counting(_ one: String, _ several: String) -> String {
        "\(self) \(self == 1 ? one : several)"
    }
}
