// swift-tools-version: 6.3
import PackageDescription

/// The settings that every Swift target of this package is compiled with.
let houseSettings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .treatWarning("ExplicitSendable", as: .error),  // public types say whether they are Sendable
    .enableUpcomingFeature("ExistentialAny"),  // SE-0335
    .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
    .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // SE-0461
    .enableUpcomingFeature("InferIsolatedConformances"),  // SE-0470
    .enableUpcomingFeature("ImmutableWeakCaptures"),  // SE-0481
]

/// Product code also spells out every unsafe operation; tests need not.
let productSettings = houseSettings + [.strictMemorySafety()]  // SE-0458

/// A shared library that exports its entry symbol and nothing else.
///
/// The tests of a plugin link its target, and with it these flags, into their executable. A sanitizer's runtime is in there
/// and must be exported, so a sanitized build has no version script, and no `-z defs`.
func pluginLinkerSettings(_ folder: String) -> [LinkerSetting] {
    let script = "--version-script=\(Context.packageDirectory)/Plugins/\(folder)/exports.map"
    let visibility = isSanitized ? ["-Bsymbolic"] : [script, "-z", "defs"]
    let flags = visibility + ["--gc-sections", "-z", "now", "-z", "nodelete"]
    return [.unsafeFlags(flags.flatMap { ["-Xlinker", $0] })]
}

/// Whether `make sanitize` builds.
let isSanitized = Context.environment["HOLDFAST_SANITIZE"] != nil

let package = Package(
    name: "holdfast",
    products: [
        .library(name: "Holdfast", targets: ["Holdfast"]),
        .library(name: "HoldfastProviderKit", targets: ["HoldfastProviderKit"]),
        .executable(name: "holdfast", targets: ["HoldfastCommand"]),
        .library(name: "holdfast-memory", type: .dynamic, targets: ["MemoryPlugin"]),
        .library(name: "holdfast-sqlite", type: .dynamic, targets: ["SQLitePlugin"]),
        .library(name: "holdfast-postgresql", type: .dynamic, targets: ["PostgreSQLPlugin"]),
        .library(name: "holdfast-redis", type: .dynamic, targets: ["RedisPlugin"]),
        .library(name: "holdfast-file-log", type: .dynamic, targets: ["FileLogPlugin"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.30.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // What plugins and the host share: the C contract.
        .target(name: "CHoldfastProvider"),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .target(name: "CHoldfastSupport"),

        // The host, in the order in which a change flows through it.
        .target(name: "HoldfastModel", swiftSettings: productSettings),
        .target(name: "HoldfastSupport", dependencies: ["CHoldfastSupport"], swiftSettings: productSettings),
        .target(
            name: "HoldfastConfiguration", dependencies: ["HoldfastModel", "CYAML"],
            swiftSettings: productSettings),
        .target(
            name: "HoldfastPlugins", dependencies: ["CHoldfastProvider", "HoldfastModel", "HoldfastSupport"],
            swiftSettings: productSettings),
        .target(
            name: "HoldfastChain",
            dependencies: [
                "HoldfastModel", "HoldfastSupport",
                .product(name: "DequeModule", package: "swift-collections"),
            ], swiftSettings: productSettings),
        .target(
            name: "Holdfast",
            dependencies: [
                "HoldfastModel", "HoldfastSupport", "HoldfastConfiguration", "HoldfastPlugins",
                "HoldfastChain",
            ], swiftSettings: productSettings),
        .target(
            name: "HoldfastHTTP",
            dependencies: [
                "HoldfastModel", "HoldfastSupport", "HoldfastConfiguration", "HoldfastChain", "Holdfast",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "Instrumentation", package: "swift-distributed-tracing"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ], swiftSettings: productSettings),
        .executableTarget(
            name: "HoldfastCommand",
            dependencies: [
                "HoldfastModel", "HoldfastSupport", "HoldfastConfiguration", "HoldfastPlugins",
                "HoldfastChain",
                "Holdfast", "HoldfastHTTP",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: productSettings),

        // For plugin authors.
        .target(
            name: "HoldfastProviderKit", dependencies: ["CHoldfastProvider"], swiftSettings: productSettings),
        .target(
            name: "HoldfastConformance",
            dependencies: ["HoldfastPlugins", "HoldfastModel", "HoldfastSupport"],
            swiftSettings: productSettings),

        // Plugins: one shared library each, never a line of the host in them.
        .target(
            name: "MemoryPlugin",
            dependencies: ["CHoldfastProvider", "HoldfastProviderKit", "HoldfastSupport"],
            path: "Plugins/Memory", exclude: ["exports.map"], swiftSettings: productSettings,
            linkerSettings: pluginLinkerSettings("Memory")),
        .target(
            name: "SQLitePlugin",
            dependencies: ["CHoldfastProvider", "HoldfastProviderKit", "HoldfastSupport", "CSQLite"],
            path: "Plugins/SQLite", exclude: ["exports.map"], swiftSettings: productSettings,
            linkerSettings: pluginLinkerSettings("SQLite")),
        .target(
            name: "PostgreSQLPlugin",
            dependencies: ["CHoldfastProvider", "HoldfastProviderKit", "HoldfastSupport", "CPostgreSQL"],
            path: "Plugins/PostgreSQL", exclude: ["exports.map"], swiftSettings: productSettings,
            linkerSettings: pluginLinkerSettings("PostgreSQL")),
        .target(
            name: "RedisPlugin",
            dependencies: ["CHoldfastProvider", "HoldfastProviderKit", "HoldfastSupport", "CHiredis"],
            path: "Plugins/Redis", exclude: ["exports.map"], swiftSettings: productSettings,
            linkerSettings: pluginLinkerSettings("Redis")),
        .target(
            name: "FileLog", dependencies: ["HoldfastProviderKit", "HoldfastSupport"],
            path: "Plugins/FileLog/Engine", swiftSettings: productSettings),
        .target(
            name: "FileLogPlugin",
            dependencies: ["CHoldfastProvider", "HoldfastProviderKit", "HoldfastSupport", "FileLog"],
            path: "Plugins/FileLog", exclude: ["exports.map", "Engine"], swiftSettings: productSettings,
            linkerSettings: pluginLinkerSettings("FileLog")),

        // Tests, one target per source target; what they share.
        .target(
            name: "HoldfastTestSupport", dependencies: ["HoldfastSupport"], path: "Tests/Support",
            swiftSettings: houseSettings),
        .testTarget(
            name: "CHoldfastProviderTests", dependencies: ["HoldfastTestSupport"],
            swiftSettings: houseSettings),
        .testTarget(
            name: "HoldfastProviderKitTests", dependencies: ["CHoldfastProvider", "HoldfastProviderKit"],
            swiftSettings: houseSettings),
        .testTarget(
            name: "MemoryPluginTests",
            dependencies: ["HoldfastModel", "HoldfastPlugins", "HoldfastSupport", "HoldfastTestSupport"],
            swiftSettings: houseSettings),
        .testTarget(
            name: "HoldfastConformanceTests",
            dependencies: [
                "HoldfastChain", "HoldfastConformance", "HoldfastModel", "HoldfastPlugins",
                "HoldfastProviderKit",
                "HoldfastSupport",
                "HoldfastTestSupport",
            ], swiftSettings: houseSettings),
        .testTarget(
            name: "HoldfastCommandTests",
            dependencies: [
                "Holdfast", "HoldfastCommand", "HoldfastConfiguration", "HoldfastModel", "HoldfastSupport",
                "HoldfastTestSupport",
            ],
            swiftSettings: houseSettings),
        .testTarget(
            name: "HoldfastHTTPTests",
            dependencies: [
                "Holdfast", "HoldfastChain", "HoldfastHTTP", "HoldfastModel", "HoldfastSupport",
                "HoldfastTestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "Instrumentation", package: "swift-distributed-tracing"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ], swiftSettings: houseSettings),
        .testTarget(name: "HouseStyleTests", dependencies: ["HoldfastModel"], swiftSettings: houseSettings),
        .testTarget(
            name: "HoldfastModelTests", dependencies: ["HoldfastModel"], swiftSettings: houseSettings),
        .testTarget(
            name: "HoldfastSupportTests", dependencies: ["HoldfastSupport", "HoldfastTestSupport"],
            swiftSettings: houseSettings),
        .testTarget(
            name: "HoldfastConfigurationTests",
            dependencies: ["HoldfastConfiguration", "HoldfastModel", "HoldfastTestSupport"],
            exclude: ["Fixtures"], swiftSettings: houseSettings),
        .testTarget(
            name: "HoldfastPluginsTests",
            dependencies: ["HoldfastPlugins", "HoldfastModel", "HoldfastSupport", "HoldfastTestSupport"],
            swiftSettings: houseSettings),
        .testTarget(
            name: "HoldfastChainTests",
            dependencies: ["HoldfastChain", "HoldfastModel", "HoldfastSupport", "HoldfastTestSupport"],
            swiftSettings: houseSettings),
        .testTarget(
            name: "HoldfastTests",
            dependencies: [
                "Holdfast", "HoldfastModel", "HoldfastSupport", "HoldfastConfiguration", "HoldfastPlugins",
                "HoldfastChain", "HoldfastTestSupport",
            ],
            swiftSettings: houseSettings),
        .testTarget(
            name: "SQLitePluginTests",
            dependencies: [
                "SQLitePlugin", "CHoldfastProvider", "CSQLite", "HoldfastModel", "HoldfastProviderKit",
                "HoldfastTestSupport",
            ], swiftSettings: houseSettings),
        .testTarget(
            name: "PostgreSQLPluginTests",
            dependencies: [
                "HoldfastConformance", "HoldfastModel", "HoldfastPlugins", "HoldfastSupport",
                "HoldfastTestSupport",
            ], swiftSettings: houseSettings),
        .testTarget(
            name: "RedisPluginTests",
            dependencies: [
                "HoldfastConformance", "HoldfastModel", "HoldfastPlugins", "HoldfastSupport",
                "HoldfastTestSupport",
            ], swiftSettings: houseSettings),
        .testTarget(
            name: "FileLogPluginTests",
            dependencies: ["FileLog", "HoldfastProviderKit", "HoldfastSupport", "HoldfastTestSupport"],
            swiftSettings: houseSettings),
        .executableTarget(
            name: "LockContender", dependencies: ["Holdfast", "HoldfastSupport"],
            path: "Tests/LockContender", swiftSettings: houseSettings),
        .testTarget(
            name: "AcceptanceTests",
            dependencies: [
                "Holdfast", "HoldfastConfiguration", "HoldfastModel", "HoldfastSupport",
                "HoldfastTestSupport",
            ],
            swiftSettings: houseSettings),
        // One domain, the same answers on every backend.
        .testTarget(
            name: "DomainTests",
            dependencies: [
                "Holdfast", "HoldfastConfiguration", "HoldfastModel", "HoldfastSupport",
                "HoldfastTestSupport",
            ],
            swiftSettings: houseSettings),
        // A host of its own process, with a clock that may be wrong.
        .executableTarget(
            name: "TestHost", dependencies: ["Holdfast", "HoldfastModel", "HoldfastSupport"],
            path: "Tests/TestHost", swiftSettings: houseSettings),
        .testTarget(
            name: "ServerChainTests",
            dependencies: [
                "Holdfast", "HoldfastConfiguration", "HoldfastModel", "HoldfastSupport",
                "HoldfastTestSupport", "TestHost",
            ],
            swiftSettings: houseSettings),
    ],
    swiftLanguageModes: [.v6]
)

// The exhaustive searches of the chain need an optimised build, and nothing of what is not in the chain.
if Context.environment["HOLDFAST_EXPLORATION"] != nil {
    let needed: Set = [
        "CHoldfastSupport", "HoldfastModel", "HoldfastSupport", "HoldfastChain", "HoldfastChainTests",
        "HoldfastTestSupport",
    ]
    package.products = []
    package.targets.removeAll { !needed.contains($0.name) }
    package.dependencies = [
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0")
    ]
}
