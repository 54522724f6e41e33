/// Says when nobody has it any more.
package final class Witness {
    private let end: () -> Void

    package init(_ end: @escaping () -> Void) {
        self.end = end
    }

    deinit {
        end()
    }
}
