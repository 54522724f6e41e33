// swift-tools-version: 6.2
import PackageDescription

// Apart from the main package, and with nothing but defaults, as a package of yours would be.
let package = Package(
    name: "Examples",
    dependencies: [.package(name: "corund", path: "..")],
    targets: [
        program("one-loop", "CorundRunner"),
        program("clock", "CorundRunner"),
        program("debug-mode", "CorundRunner"),
        program("own-context", "CorundRunner"),
        program("generators", "CorundRunner"),
        program("blocking-pool", "CorundRunner"),
        program("repl", "CorundRunner"),
        program("gather", "CorundRunner"),
        program("file-daemon", "CorundService", "CorundClient"),
        program("file-client", "CorundRunner", "CorundClient"),
        .testTarget(name: "SynchronousTests", dependencies: [.product(name: "CorundRunner", package: "corund")]),
    ],
    swiftLanguageModes: [.v6]
)

func program(_ name: String, _ products: String...) -> Target {
    .executableTarget(name: name, dependencies: products.map { .product(name: $0, package: "corund") })
}
