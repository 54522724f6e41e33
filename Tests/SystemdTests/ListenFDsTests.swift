import Glibc
import Systemd
import Testing

/// Socket activation changes the environment and the low descriptors of a process, so each test runs in one of its own.
///
/// The descriptor by which such a process reports issues may be one of those, so it reports by its exit status instead:
/// 0, or the number of the first check that failed.
struct ListenFDsTests {
    @Test func passedDescriptorsComeWithTheirNamesAndAreClosedOnExec() async {
        await #expect(processExitsWith: .exitCode(0)) {
            pass(descriptors: [listener(), plainSocket()], names: "corund.socket:stored")
            guard let taken = try? ListenFDs.take() else { exit(1) }
            check(taken.map(\.descriptor) == [3, 4], 2)
            check(taken.map(\.name) == ["corund.socket", "stored"], 3)
            check(taken.allSatisfy { fcntl($0.descriptor, F_GETFD) & FD_CLOEXEC != 0 }, 4)
            check((try? taken[0].isUnixListener()) == true, 5)
            check((try? taken[1].isUnixListener()) == false, 6)
            exit(0)
        }
    }

    @Test func takingLeavesNothingForChildrenOrASecondCall() async {
        await #expect(processExitsWith: .exitCode(0)) {
            pass(descriptors: [listener()], names: "corund.socket")
            check((try? ListenFDs.take().count) == 1, 1)
            for variable in ["LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"] { check(getenv(variable) == nil, 2) }
            check((try? ListenFDs.take()) == [], 3)
            exit(0)
        }
    }

    @Test func descriptorsForAnotherProcessAreNotTaken() async {
        await #expect(processExitsWith: .exitCode(0)) {
            pass(descriptors: [listener()], names: "corund.socket", process: getppid())
            check((try? ListenFDs.take()) == [], 1)
            check(getenv("LISTEN_FDS") == nil, 2)
            exit(0)
        }
    }

    @Test func descriptorsWithoutNamesAreUnknown() async {
        await #expect(processExitsWith: .exitCode(0)) {
            pass(descriptors: [listener()], names: nil)
            check((try? ListenFDs.take().map(\.name)) == ["unknown"], 1)
            exit(0)
        }
    }

    @Test func namesThatDoNotMatchAreAnError() async {
        await #expect(processExitsWith: .exitCode(0)) {
            pass(descriptors: [listener()], names: "one:two")
            do throws(SystemdError) {
                _ = try ListenFDs.take()
            } catch {
                check(error == SystemdError(operation: .listenDescriptors, errorNumber: EINVAL), 1)
                check(getenv("LISTEN_FDS") == nil, 2)
                exit(0)
            }
            exit(3)
        }
    }

    @Test func aProcessThatNobodyPassedAnythingHasNothing() async {
        await #expect(processExitsWith: .exitCode(0)) {
            check((try? ListenFDs.take()) == [], 1)
            exit(0)
        }
    }

    @Test func aClosedDescriptorIsAnError() {
        let closed = InheritedDescriptor(descriptor: Int32.max, name: "")
        #expect(throws: SystemdError(operation: .socketCheck, errorNumber: EBADF)) { try closed.isUnixListener() }
    }
}

struct SystemdErrorTests {
    @Test func anErrorSaysWhatWasAttemptedAndWhy() {
        let error = SystemdError(operation: .socketCheck, errorNumber: EBADF)
        #expect(error.description == "sd_is_socket_unix: Bad file descriptor (errno 9)")
    }
}

/// Does what the service manager does before it starts a service: numbers the descriptors from 3, tells the variables.
private func pass(descriptors: [Int32], names: String?, process: Int32 = getpid()) {
    for (index, descriptor) in descriptors.enumerated() {
        check(dup2(descriptor, 3 + Int32(index)) >= 0, 101)
    }
    setenv("LISTEN_FDS", String(descriptors.count), 1)
    setenv("LISTEN_PID", String(process), 1)
    if let names { setenv("LISTEN_FDNAMES", names, 1) }
}

private func listener() -> Int32 {
    let descriptor = plainSocket()
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    // SAFETY: bind reads the family alone (an address of this length asks the kernel for an abstract name).
    let status = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sa_family_t>.size))
        }
    }
    check(status == 0 && listen(descriptor, 1) == 0, 102)
    return descriptor
}

/// A stream socket at a number that ``pass(descriptors:names:process:)`` does not overwrite.
private func plainSocket() -> Int32 {
    let descriptor = fcntl(socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0), F_DUPFD, 50)
    check(descriptor >= 50, 103)
    return descriptor
}

private func check(_ condition: Bool, _ status: Int32) {
    if !condition { exit(status) }
}
