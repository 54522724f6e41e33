// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "corund",
    products: [
        .library(name: "CorundRunner", targets: ["CorundRunner"]),
        .library(name: "CorundService", targets: ["CorundService"]),
        .library(name: "CorundClient", targets: ["CorundAPI"]),
        .executable(name: "corund", targets: ["corund"]),
        .executable(name: "corund-ctl", targets: ["corund-ctl"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // libdispatch: its main queue is served by hand (see CorundLoop's MainQueue).
        .target(name: "CLinux", linkerSettings: [.linkedLibrary("dispatch")]),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .target(
            name: "CorundLoop",
            dependencies: [
                "CLinux",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HashTreeCollections", package: "swift-collections"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .target(name: "CorundRunner", dependencies: ["CorundLoop"]),
        .target(
            name: "Systemd",
            dependencies: ["CLinux", "CSystemd", .product(name: "Logging", package: "swift-log")]
        ),
        .target(
            name: "Varlink",
            dependencies: [
                "CLinux", "CorundLoop",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .target(
            name: "CorundAPI",
            dependencies: ["CorundLoop", "Varlink", .product(name: "SystemPackage", package: "swift-system")],
            resources: [
                .embedInCode("Interfaces/io.corund.Jobs.varlink"),
                .embedInCode("Interfaces/io.corund.Service.varlink"),
            ]
        ),
        .target(
            name: "CorundCommandLine",
            dependencies: [
                "CorundAPI", "CorundLoop", "Varlink", .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .target(
            name: "CorundService",
            dependencies: [
                "CLinux", "CorundAPI", "CorundRunner", "Systemd", "Varlink",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "TOMLKit", package: "TOMLKit"),
            ]
        ),
        .executableTarget(
            name: "corund",
            dependencies: [
                "CorundAPI", "CorundService", "Systemd",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .executableTarget(
            name: "corund-ctl",
            dependencies: [
                "CLinux", "CorundAPI", "CorundCommandLine", "CorundRunner", "Varlink",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        // What the test targets share; no product.
        .target(name: "TestSupport", dependencies: ["CLinux"], path: "Tests/TestSupport"),
        .testTarget(
            name: "CorundCommandLineTests",
            dependencies: [
                "corund-ctl", "CLinux", "CorundAPI", "CorundCommandLine", "CorundLoop", "TestSupport", "Varlink",
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        // The stock daemon with a kind that holds the loop for ever; for Tests/systemd alone, and no product.
        .executableTarget(name: "WedgeDaemon", dependencies: ["CorundService"], path: "Tests/WedgeDaemon"),
        // A daemon of the library with kinds of job that a stock one must not have, for AcceptanceTests; no product.
        .executableTarget(
            name: "MisbehavingDaemon", dependencies: ["CorundAPI", "CorundRunner", "CorundService"],
            path: "Tests/MisbehavingDaemon"
        ),
        // A runner on the main thread of a process that can be interrupted, for CorundRunnerTests; no product.
        .executableTarget(name: "RunnerProgram", dependencies: ["CorundRunner"], path: "Tests/RunnerProgram"),
        .testTarget(
            name: "AcceptanceTests",
            dependencies: [
                "CLinux", "CorundAPI", "CorundRunner", "MisbehavingDaemon", "TestSupport", "Varlink", "corund",
            ]
        ),
        .testTarget(
            name: "VarlinkTests",
            dependencies: [
                "CLinux", "CorundRunner", "TestSupport", "Varlink",
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .testTarget(
            name: "SystemdTests",
            dependencies: ["Systemd", "TestSupport", .product(name: "Logging", package: "swift-log")]
        ),
        .testTarget(
            name: "CorundAPITests",
            dependencies: [
                "CorundAPI", "CorundLoop", "CorundRunner", "TestSupport", "Varlink",
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .testTarget(
            name: "CorundServiceTests",
            dependencies: [
                "CorundAPI", "CorundRunner", "CorundService", "TestSupport", "Varlink",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["Store/Golden"]
        ),
        .testTarget(
            name: "CorundLoopTests",
            dependencies: [
                "CLinux", "CorundLoop", "TestSupport", .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .testTarget(
            name: "CorundRunnerTests",
            dependencies: [
                "CorundRunner", "RunnerProgram", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)

// `make check` sets it; elsewhere a newer compiler's new warning must not keep anyone from building.
let warnings: [SwiftSetting] =
    Context.environment["CORUND_WARNINGS_AS_ERRORS"] == nil ? [] : [.treatAllWarnings(as: .error)]

for target in package.targets where target.type != .system && target.name != "CLinux" {
    target.swiftSettings =
        [
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        ] + warnings
}

// `scripts/test-sanitize` sets it: the loop and the runner alone are built in a fifth of the time.
if Context.environment["CORUND_RUNNER_ALONE"] != nil {
    let kept: Set = [
        "CLinux", "CorundLoop", "CorundRunner", "CorundLoopTests", "CorundRunnerTests", "RunnerProgram", "TestSupport",
    ]
    package.targets.removeAll { !kept.contains($0.name) }
    package.products.removeAll { $0.name != "CorundRunner" }
}
