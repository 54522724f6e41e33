import Foundation

/// How many descriptors of pipes and of processes this process has.
///
/// (The Swift runtime opens others when it likes.)
func programDescriptorCount() throws -> Int {
    let folder = "/proc/self/fd"
    return try FileManager.default.contentsOfDirectory(atPath: folder).count { number in
        let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(number)")
        return target.map { $0.hasPrefix("pipe:") || $0.contains("pidfd") } ?? false
    }
}
