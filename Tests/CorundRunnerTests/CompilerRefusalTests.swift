import Foundation
import TestSupport
import Testing

/// What must not compile.
struct CompilerRefusalTests {
    @Test func theCompilerRefusesARunInAnAsyncFunction_R17() throws {
        let errors = try Self.errors(
            in: """
                import CorundRunner
                func misuse() async throws {
                    try Runner().run {}
                    try Runner.run {}
                }
                """)
        #expect(errors.count == 2, "\(errors)")
        #expect(errors.allSatisfy { $0.contains("'run' is unavailable from asynchronous contexts") }, "\(errors)")
    }

    /// What the compiler that has built the tests says to `source`, which may import the package's modules.
    private static func errors(in source: String) throws -> [String] {
        let folder = try TemporaryFolder(["misuse.swift": source])
        defer { withExtendedLifetime(folder) {} }
        let messages = folder.file("messages")
        let compiler = try startProcess(
            ["swiftc", "-typecheck", "-swift-version", "6", "-I", programsFolder + "/Modules"]
                + moduleMaps.flatMap { ["-Xcc", "-fmodule-map-file=\($0)"] } + [folder.file("misuse.swift")],
            // And no library that the tests are run with, such as a sanitizer's.
            environment: ProcessInfo.processInfo.environment.filter { $0.key == "PATH" || $0.key == "HOME" }
        ) {
            posix_spawn_file_actions_addopen(&$0, STDERR_FILENO, messages, O_WRONLY | O_CREAT, 0o600)
        }
        #expect(ProcessEnd(of: compiler) == .exited(1))
        let text = try String(contentsOfFile: messages, encoding: .utf8)
        return text.split(separator: "\n").filter { $0.contains(": error: ") }.map(String.init)
    }

    /// Those of the C modules that ours import.
    private static var moduleMaps: [String] {
        let checkouts = programsFolder + "/../../checkouts"
        return [
            programsFolder + "/CLinux.build/module.modulemap",
            checkouts + "/swift-system/Sources/CSystem/include/module.modulemap",
        ]
    }
}
