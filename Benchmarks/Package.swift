// swift-tools-version: 6.3
import PackageDescription

/// A package of its own, so that the main build stays lean: nothing here is a dependency of Holdfast.
let package = Package(
    name: "holdfast-benchmarks",
    products: [.executable(name: "holdfast-bench", targets: ["HoldfastBench"])],
    dependencies: [.package(name: "holdfast", path: "..")],
    targets: [
        // Not `CSQLite`: the name of a module is unique among all packages of a build.
        .systemLibrary(name: "CSQLiteBench", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .executableTarget(
            name: "HoldfastBench",
            dependencies: [.product(name: "Holdfast", package: "holdfast"), "CSQLiteBench"],
            swiftSettings: [
                .treatAllWarnings(as: .error),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
