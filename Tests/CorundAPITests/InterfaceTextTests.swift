import CorundAPI
import Foundation
import Testing

struct InterfaceTextTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Sources/CorundAPI/Interfaces")

    @Test(arguments: [(InterfaceName.jobs, InterfaceText.jobs), (InterfaceName.service, InterfaceText.service)])
    func isTheFileByteForByte(name: String, text: String) throws {
        #expect(try Data(contentsOf: Self.folder.appending(path: "\(name).varlink")) == Data(text.utf8))
    }

    @Test(arguments: [(InterfaceName.jobs, InterfaceText.jobs), (InterfaceName.service, InterfaceText.service)])
    func declaresTheInterfaceOfThatName(name: String, text: String) throws {
        #expect(try InterfaceDefinition(parsing: text).name == name)
    }
}
