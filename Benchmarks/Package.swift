// swift-tools-version: 6.2
import PackageDescription

// Apart from the main package, which builds and tests without it.
let package = Package(
    name: "Benchmarks",
    dependencies: [.package(name: "corund", path: "..")],
    targets: [
        .executableTarget(
            name: "corund-bench", dependencies: [.product(name: "CorundRunner", package: "corund")],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
