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

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let hummingbird = ["Hummingbird", "HummingbirdTLS"].map {
    Target.Dependency.product(name: $0, package: "hummingbird")
}
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let nio = ["NIOCore", "NIOPosix"].map { Target.Dependency.product(name: $0, package: "swift-nio") }
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

/// A library target with its tests beside it; `golden` when the tests read files under `Golden`.
func library(
    _ name: String, _ dependencies: [Target.Dependency], settings: [SwiftSetting] = safeSettings, golden: Bool = false,
    resources: [Resource] = [], alsoTesting extra: [Target.Dependency] = []
) -> [Target] {
    [
        .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings),
        .testTarget(
            name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies + extra,
            resources: golden ? [.copy("Golden")] : [], swiftSettings: settings),
    ]
}

let package = Package(
    name: "overread",
    products: [
        .executable(name: "overread", targets: ["overread"]),
        // The numeric column, for the benchmarks beside this package.
        .library(
            name: "OverreadNumerics",
            targets: ["Kernels", "ModelFiles", "Tokenization", "Transformer", "Alignment", "StrictJSON", "Diagnostics"]),
        // For Benchmarks/Store, a package of its own.
        .library(name: "Preferences", targets: ["Preferences"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Layer 0
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .target(name: "CKernels"),
    ]
        + library("Diagnostics", [])
        + library("StrictJSON", ["Diagnostics"])
        // The network, bytes in and bytes out
        + library("MessageListener", ["Diagnostics", nioSSL] + nio, alsoTesting: ["LoopbackClient"])
        + [
            .target(
                name: "LoopbackClient", dependencies: nio + [nioSSL], path: "Tests/LoopbackClient",
                swiftSettings: safeSettings)
        ]
        // The numeric column
        + library("Kernels", ["CKernels", "COpenBLAS", "Diagnostics"], settings: settings)
        + library("ModelFiles", ["Kernels", "Diagnostics", "StrictJSON"], golden: true)
        + library("Tokenization", ["Diagnostics"])
        + library("Transformer", ["Kernels", "ModelFiles", "Tokenization", "Diagnostics", "StrictJSON"])
        + library(
            "Alignment", ["Transformer", "Kernels", "ModelFiles", "Tokenization", "Diagnostics", "StrictJSON", crypto])
        // The record column
        + library("StrictYAML", ["Diagnostics", yams])
        + library("Conventions", ["Diagnostics", "StrictYAML"])
        + library(
            "Preferences", ["Diagnostics", "StrictJSON", "StrictYAML", "Evaluation", grdb, crypto, cryptoExtras],
            golden: true, alsoTesting: ["StoreCrashProbe"])
        + library("ClinicalMessages", ["Diagnostics", "StrictJSON"], golden: true)
        + library("PrivacyScreen", ["Diagnostics", "StrictYAML"])
        + library("Evaluation", [], golden: true, alsoTesting: ["StrictJSON"])
        + library("Markup", [], alsoTesting: ["MarkupChecking"])
        + library("Reporting", ["Evaluation", "Markup", "StrictJSON"], golden: true, alsoTesting: ["MarkupChecking"])
        + library("ReviewPages", ["Markup"], resources: [.embedInCode("Assets")], alsoTesting: ["MarkupChecking"])
        + library(
            "ReviewServer",
            ["Preferences", "Evaluation", "Conventions", "ReviewPages", "Markup", "Diagnostics", "StrictJSON", crypto]
                + hummingbird, resources: [.embedInCode("openapi.yaml")],
            alsoTesting: ["ReviewProbe", yams, hummingbirdTesting])
        + [
            .executableTarget(
                name: "StoreCrashProbe", dependencies: ["Preferences", "Diagnostics"], path: "Tests/StoreCrashProbe",
                swiftSettings: safeSettings),
            .executableTarget(
                name: "ReviewProbe", dependencies: ["ReviewServer", "Preferences", "Diagnostics", "StrictJSON"],
                path: "Tests/ReviewProbe", swiftSettings: safeSettings),
            .target(name: "MarkupChecking", path: "Tests/MarkupChecking", swiftSettings: safeSettings),
            .executableTarget(
                name: "ReviewSeed", dependencies: ["Preferences", "Diagnostics", "StrictJSON"],
                path: "Tests/ReviewSeed", swiftSettings: safeSettings),
        ]
        // Where they meet
        + library(
            "Workflow",
            [
                "Alignment", "Transformer", "Kernels", "ModelFiles", "Tokenization", "Preferences", "Conventions",
                "ClinicalMessages", "MessageListener", "PrivacyScreen", "Evaluation", "Reporting", "Markup",
                "Diagnostics", "StrictJSON",
                "StrictYAML", yams, crypto,
            ])
        + [
            .executableTarget(
                name: "overread", dependencies: ["Workflow", "ReviewServer", "Diagnostics", argumentParser],
                swiftSettings: safeSettings),
            .testTarget(
                name: "overreadTests", dependencies: ["overread", "StrictJSON", "LoopbackClient"],
                swiftSettings: safeSettings),
        ]
)
