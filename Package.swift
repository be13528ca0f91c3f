// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// Settings of all but `Kernels`: an unsafe expression outside it is marked by the compiler.
let safeSettings = settings + [.strictMemorySafety()]

let package = Package(
    name: "overread",
    products: [],
    dependencies: [],
    targets: [
        // Layer 0
        .target(name: "Diagnostics", swiftSettings: safeSettings),
        .testTarget(name: "DiagnosticsTests", dependencies: ["Diagnostics"], swiftSettings: settings),
    ]
)
