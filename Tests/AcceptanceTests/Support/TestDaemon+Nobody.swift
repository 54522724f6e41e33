import Foundation
import Glibc
import TestSupport

extension TestDaemon {
    static let nobody: UInt32 = 65534

    /// Only root can be somebody else.
    static let canBeCalledByNobody = geteuid() == 0 && access("/usr/bin/python3", X_OK) == 0

    /// What runs a program as ``nobody``.
    static let asNobody = ["/usr/bin/setpriv", "--reuid", "\(nobody)", "--regid", "\(nobody)", "--clear-groups"]

    /// Whether all folders above the programs let others pass, too.
    static let canBeRunByNobody: Bool = {
        guard geteuid() == 0 else { return false }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: asNobody[0])
        process.arguments = asNobody.dropFirst() + ["test", "-x", programsFolder + "/" + Program.Name.corund.rawValue]
        do { try process.run() } catch { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    /// The reply to a call that the user ``nobody`` makes, who is in no group.
    func callAsNobody(_ method: String, _ parameters: String = "{}") throws -> String {
        chmod(folder.path, 0o755)
        chmod(socket, 0o666)
        let client = """
            import socket, sys
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(sys.argv[1])
            connection.sendall(b'{"method":"io.corund.%s","parameters":%s}\\0' % tuple(map(str.encode, sys.argv[2:])))
            reply = b""
            while not reply.endswith(b"\\0"): reply += connection.recv(4096)
            sys.stdout.write(reply[:-1].decode())
            """
        return try tool(
            "/usr/bin/setpriv", "--reuid", "\(Self.nobody)", "--clear-groups", "/usr/bin/python3", "-c", client, socket,
            method, parameters)
    }
}
