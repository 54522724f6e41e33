import Testing

@testable import CorundService

struct KeptOutputTests {
    private func kept(_ pieces: [String], limit: Int) -> (text: String, dropped: Int) {
        var output = KeptOutput(limit: limit)
        for piece in pieces { output.append(Array(piece.utf8)) }
        let (bytes, dropped) = output.kept
        return (String(decoding: bytes, as: UTF8.self), dropped)
    }

    @Test(arguments: [10, 11, 1000])
    func whatFitsIsKept(limit: Int) {
        #expect(kept(["01234", "", "56789"], limit: limit) == ("0123456789", 0))
    }

    @Test func whatDoesNotLosesItsMiddle() {
        #expect(kept(["0123456789a"], limit: 10) == ("012346789a", 1))
        #expect(kept(["0123456789"], limit: 5) == ("01289", 5))
        #expect(kept(["0123456789"], limit: 1) == ("0", 9))
        #expect(kept(["0123456789"], limit: 0) == ("", 10))
    }

    @Test(arguments: [1, 2, 3, 7, 100])
    func thePiecesDoNotMatter(size: Int) {
        let text = String(repeating: "0123456789", count: 100)
        let pieces = stride(from: 0, to: text.count, by: size).map { start in
            String(text.dropFirst(start).prefix(size))
        }
        #expect(kept(pieces, limit: 20) == ("01234567890123456789", 980))
        #expect(kept(pieces, limit: 1000) == (text, 0))
    }

    @Test func textIsCutBetweenCharacters() {
        // Six bytes of each half are kept, or as many as make whole characters.
        #expect(kept(["ééééé", "xxxx", "ééééé"], limit: 12) == ("éééééé", 12))
        #expect(kept(["aéééé", "xxxx", "ééééa"], limit: 12) == ("aééééa", 12))
        #expect(kept(["€€€€", "xxxx", "€€€€"], limit: 10) == ("€€", 22))
        #expect(kept(["a👋👋", "xxxx", "👋👋a"], limit: 14) == ("a👋👋a", 12))
    }

    @Test func muchOutputTakesNoMoreThanItsLimit() {
        var output = KeptOutput(limit: 100)
        for _ in 0..<10_000 { output.append([UInt8](repeating: 120, count: 1000)) }
        #expect(output.kept.bytes.count == 100)
        #expect(output.kept.dropped == 9_999_900)
        #expect(output.held < 10_000)
    }

    @Test(arguments: [
        ([], ""), ([0x66], "Zg=="), ([0x66, 0x6f], "Zm8="), ([0x66, 0x6f, 0x6f], "Zm9v"),
        ([0xff, 0xfe, 0xfd, 0xfc], "//79/A=="),
    ])
    func base64IsThatOfRFC4648(bytes: [UInt8], text: String) {
        #expect(Base64.encode(bytes) == text)
        #expect(Base64.encode(bytes.reversed().reversed() as ReversedCollection<ReversedCollection<[UInt8]>>) == text)
    }
}
