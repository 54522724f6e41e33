import Testing
import Varlink

@testable import CorundAPI

struct ServiceErrorTests {
    static let all: [ServiceError] = [
        .noSuchGroup(group: "build"),
        .configurationInvalid(file: "/etc/corund/corund.toml", line: 12, message: "unknown key"),
    ]

    @Test(arguments: all)
    func isTheSameAfterTheWire(error: ServiceError) {
        #expect(ServiceError(error.onTheWire) == error)
    }

    @Test(arguments: ["io.corund.Jobs.NoSuchGroup", "io.corund.Service.Unheard", "org.varlink.service.NoSuchGroup"])
    func otherErrorsAreNone(name: String) {
        #expect(ServiceError(VarlinkError(name)) == nil)
    }

    @Test func tellsAPersonWhatHappened() {
        #expect(Self.all[0].description.hasPrefix("there is no group called build"))
        #expect(
            Self.all[1].description
                == "/etc/corund/corund.toml:12: unknown key; the configuration stays as it was")
        let elsewhere = ServiceError.configurationInvalid(file: "", line: 0, message: "the vault is closed")
        #expect(elsewhere.description == "the vault is closed; the configuration stays as it was")
    }
}
