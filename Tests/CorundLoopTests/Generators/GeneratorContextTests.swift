import TestSupport
import Testing

@testable import CorundLoop

/// A generator keeps its own context.
struct GeneratorContextTests {
    private static let variable = ContextVariable<String>("where", default: "nowhere")

    @Test func theBodySeesWhatWasSetWhereTheGeneratorWasMade_R51() throws {
        try withVirtualLoop { loop, _ in
            try loop.complete {
                Self.variable.set("at the making")
                let generator = AsyncGenerator { yield in while true { try await yield(try Self.variable.get()) } }
                Self.variable.set("at the asking")
                try await #expect(generator.next() == "at the making")
                try await #expect(generator.next() == "at the making")
                try await generator.aclose()
            }
        }
    }

    @Test func whatTheBodySetsStaysInside_R51() throws {
        try withVirtualLoop { loop, _ in
            try loop.complete {
                let generator = AsyncGenerator { yield in
                    try await yield(try Self.variable.get())
                    Self.variable.set("inside")
                    try await yield(try Self.variable.get())
                    try await yield(try Self.variable.get())
                }
                let seen = [
                    try await generator.next(), try await generator.next(), try Self.variable.get(),
                    try await generator.next(),
                ]
                #expect(seen == ["nowhere", "inside", "nowhere", "inside"])
                try await generator.aclose()
            }
        }
    }

    /// In Python this is the well-known "was created in a different Context".
    @Test func cleanUpMayResetAVariableWhoeverClosesTheGenerator_R57() throws {
        let seen = Log<String>()
        try withVirtualLoop { loop, _ in
            loop.exceptionHandler = { Issue.record("\($0)") }
            try loop.complete {
                let generator = AsyncGenerator { yield in
                    let token = Self.variable.set("inside")
                    do { try await yield(1) } catch {
                        try Self.variable.reset(token)
                        seen.append(try Self.variable.get())
                    }
                }
                _ = try await generator.next()
            }
            try loop.turn(times: 2)
        }
        #expect(seen.entries == ["nowhere"])
    }
}
