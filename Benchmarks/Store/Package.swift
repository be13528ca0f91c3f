// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "StoreBenchmark",
    dependencies: [.package(name: "overread", path: "../..")],
    targets: [
        .executableTarget(
            name: "StoreBenchmark", dependencies: [.product(name: "Preferences", package: "overread")],
            swiftSettings: [.swiftLanguageMode(.v6)])
    ]
)
