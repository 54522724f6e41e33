import Glibc
import Systemd
import Testing

struct WatchdogTests {
    @Test func thePingIntervalIsHalfOfTheTimeout() throws {
        let watchdog = try #require(try Watchdog(environment: ["WATCHDOG_USEC": "10000000"], processIdentifier: 7))
        #expect(watchdog.timeout == .seconds(10))
        #expect(watchdog.pingInterval == .seconds(5))
    }

    @Test func withoutTheVariableThereIsNoWatchdog() throws {
        #expect(try Watchdog(environment: ["WATCHDOG_PID": "7"], processIdentifier: 7) == nil)
    }

    @Test func anInfiniteTimeIsNoWatchdog() throws {
        #expect(try Watchdog(environment: ["WATCHDOG_USEC": "18446744073709551615"], processIdentifier: 7) == nil)
    }

    @Test func aWatchdogOverThisProcessIsOurs() throws {
        let environment = ["WATCHDOG_USEC": "3", "WATCHDOG_PID": "7"]
        #expect(try Watchdog(environment: environment, processIdentifier: 7)?.timeout == .microseconds(3))
    }

    @Test func aWatchdogOverAnotherProcessIsNotOurs() throws {
        let environment = ["WATCHDOG_USEC": "3", "WATCHDOG_PID": "8"]
        #expect(try Watchdog(environment: environment, processIdentifier: 7) == nil)
    }

    @Test(arguments: ["", "0", "-1", "10s", "18446744073709551614"])
    func anIntervalThatIsNoTimeIsRefused(interval: String) {
        #expect(throws: SystemdError(operation: .watchdogInterval, errorNumber: EINVAL)) {
            try Watchdog(environment: ["WATCHDOG_USEC": interval], processIdentifier: 7)
        }
    }

    @Test(arguments: ["", "0", "-7", "seven", "99999999999"])
    func aProcessThatIsNoNumberIsRefused(process: String) {
        #expect(throws: SystemdError(operation: .watchdogProcess, errorNumber: EINVAL)) {
            try Watchdog(environment: ["WATCHDOG_USEC": "3", "WATCHDOG_PID": process], processIdentifier: 7)
        }
    }
}
