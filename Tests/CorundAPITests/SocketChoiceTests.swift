import Testing

@testable import CorundAPI

@Suite("Which socket")
struct SocketChoiceTests {
    private func choice(
        option: String? = nil, _ environment: [String: String] = [:], existing: Set<String> = []
    ) -> SocketChoice {
        SocketChoice(option: option, environment: { environment[$0] }, exists: existing.contains)
    }

    private let runtime = ["XDG_RUNTIME_DIR": "/run/user/7"]
    private let own = "/run/user/7/corund/corund.sock"

    @Test("the option wins, then the environment, whether or not the socket is there")
    func named() {
        let environment = runtime.merging(["CORUND_SOCKET": "/e"]) { $1 }
        #expect(choice(option: "/o", environment, existing: [own]) == .path("/o"))
        #expect(choice(environment, existing: [own]) == .path("/e"))
    }

    @Test("the user's own daemon comes before the system's, where there is one")
    func found() {
        #expect(choice(runtime, existing: [own, SocketChoice.systemPath]) == .path(own))
        #expect(choice(runtime, existing: [SocketChoice.systemPath]) == .path(SocketChoice.systemPath))
        #expect(choice(existing: [own, SocketChoice.systemPath]) == .path(SocketChoice.systemPath))
    }

    @Test("empty variables count as unset")
    func empty() {
        let environment = ["CORUND_SOCKET": "", "XDG_RUNTIME_DIR": ""]
        #expect(choice(environment) == .none(tried: [SocketChoice.systemPath]))
    }

    @Test("where there is none, the error names what was tried")
    func none() {
        let nothing = choice(runtime)
        #expect(nothing == .none(tried: [own, SocketChoice.systemPath]))
        let error = #expect(throws: NoDaemonError.self) { try nothing.chosen }
        #expect(error?.description == "no daemon found: there is no \(own) and no \(SocketChoice.systemPath)")
    }
}
