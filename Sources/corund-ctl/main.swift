import ArgumentParser
import CLinux
import CorundCommandLine
import Glibc

if corund_open_standard_descriptors() != 0 { exit(ExitStatus.systemError.rawValue) }
CorundControl.main()
