import CorundService
import Glibc
try Daemon.prepareProcess()
var configuration = Configuration()
configuration.socket = CommandLine.arguments.last
try Daemon(configuration: configuration, registry: .builtIn, environment: [:]).run()
