import Testing

@testable import Varlink

@Suite("Name index")
struct NameIndexTests {
    private func find(_ name: String, in names: NameIndex) -> Int? {
        Array(name.utf8).withUnsafeBufferPointer { names.find($0) }
    }

    @Test("finds each name, and nothing else")
    func finds() {
        let names = ["a.B", "a.C", "a.Bb", "", "é", "a.b.Longer"]
        let index = NameIndex(names)
        for (place, name) in names.enumerated() { #expect(find(name, in: index) == place) }
        for name in ["a.D", "a.", "a.BB", "x", "a.b.Longest", String(repeating: "a", count: 100)] {
            #expect(find(name, in: index) == nil)
        }
    }

    @Test("an empty index finds nothing")
    func empty() {
        let index = NameIndex([])
        #expect(find("", in: index) == nil)
        #expect(find("a", in: index) == nil)
    }
}
