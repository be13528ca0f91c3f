// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "overread-benchmarks",
    dependencies: [
        .package(name: "overread", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        .executableTarget(
            name: "overread-bench",
            dependencies: [
                .product(name: "OverreadNumerics", package: "overread"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: [.swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny")])
    ]
)
