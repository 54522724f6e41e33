import ArgumentParser
import CLinux
import CorundCommandLine
import Glibc

if corund_open_standard_descriptors() != 0 { exit(ExitStatus.systemError.rawValue) }
if let word = CommandWords.firstThatIsNoText(in: CommandLine.unsafeArgv) {
    OutputFile.standardError.complain("\(word) on the command line is no text in UTF-8, and nothing else can be sent")
    exit(ExitStatus.usage.rawValue)
}
CorundControl.main()
