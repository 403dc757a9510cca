// swift-tools-version: 6.2
// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// What every Swift target is compiled with: imports are internal unless they say otherwise, so that a storey shows
/// exactly what leaks into its interface.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A storey of the house (ARCHITECTURE.md): it may import only what is named here.
func storey(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// The tests of one storey: pure and fast.
func tests(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name), "TestSupport"] + dependencies, resources: resources,
        swiftSettings: settings)
}

/// Counting for whatever the program has bootstrapped: only the core, which needs nothing but the C library.
let metrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")

func library(_ name: String, pkgConfig: String, package: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

/// The fuzzers (Tests/Fuzz/README.md), the comparison of whole matrices (Tests/Matrix) and the benchmark of chunks
/// (examples/benchmarks), for who asks for them.
let fuzzers: [Target] =
    Context.environment["SWIFT_EROFS_FUSE_FUZZ"] != "1"
    ? []
    : [
        .executableTarget(
            name: "FuzzEROFS", dependencies: ["FuzzSupport", "EROFS", "ImageReader", "CLinux"],
            path: "Tests/Fuzz/FuzzEROFS",
            swiftSettings: settings),
        .executableTarget(
            name: "LibFuzzerEROFS", dependencies: ["FuzzSupport"], path: "Tests/Fuzz/LibFuzzerEROFS",
            swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]),
        .executableTarget(
            name: "ChunkThroughput",
            dependencies: ["Rafs", "EROFS", "BlobFetch", "Digests", "Primitives", "CLZ4", "CZstd"],
            path: "examples/benchmarks/chunk-throughput", swiftSettings: settings),
        .executableTarget(
            name: "ListImage", dependencies: ["ImageReader", "EROFS", "Digests"], path: "Tests/Matrix/ListImage",
            swiftSettings: settings),
    ]

let package = Package(
    name: "swift-erofs-fuse",
    products: [
        .executable(name: "swift-erofs-fuse", targets: ["swift-erofs-fuse"]),
        .library(name: "Fscache", targets: ["Fscache", "BlobFetch"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.7.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: [
        library("CFuse3", pkgConfig: "fuse3", package: "libfuse3-dev"),
        library("CUring", pkgConfig: "liburing", package: "liburing-dev"),
        library("CLZ4", pkgConfig: "liblz4", package: "liblz4-dev"),
        library("CZstd", pkgConfig: "libzstd", package: "libzstd-dev"),
        library("CLZMA", pkgConfig: "liblzma", package: "liblzma-dev"),
        library("CZlib", pkgConfig: "zlib", package: "zlib1g-dev"),
        library("CCurl", pkgConfig: "libcurl", package: "libcurl4-openssl-dev"),
        library("CCrypto", pkgConfig: "libcrypto", package: "libssl-dev"),
        .target(name: "CLinux", cSettings: [.define("_GNU_SOURCE")]),

        storey("Primitives", ["CLinux"]),
        storey("EROFS"),
        storey("Decompression", ["CLZ4", "CZstd", "CLZMA", "CZlib"]),
        storey("Digests", ["CCrypto"]),
        storey("Fscache", ["Primitives", "CLinux"]),
        storey("BlobFetch", ["Fscache", "Digests", "Primitives", "CLinux", metrics]),
        storey("RemoteSources", ["BlobFetch", "Digests", "Primitives", "CCurl", "CCrypto", "CZlib", "CLinux"]),
        storey("ImageReader", ["EROFS", "Decompression", "Fscache", "BlobFetch", "Primitives", "CLinux"]),
        storey(
            "Rafs", ["EROFS", "Decompression", "Digests", "BlobFetch", "Fscache", "Primitives", "CCrypto", "CZlib"]),
        storey("FUSE", ["CFuse3", "CUring", "Primitives", "CLinux"]),
        storey("ImageMount", ["ImageReader", "EROFS", "BlobFetch", "Fscache", "FUSE", "Primitives", "CLinux"]),
        storey("LayerStore", ["ImageMount", "FUSE", "Primitives"]),
        storey(
            "Commands",
            [
                "LayerStore", "ImageMount", "ImageReader", "EROFS", "Decompression", "Digests", "Fscache", "BlobFetch",
                "RemoteSources", "Rafs",
                "FUSE", "Primitives", "CLinux",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                metrics,
                .product(name: "TOMLKit", package: "TOMLKit"),
            ]),
        .executableTarget(name: "swift-erofs-fuse", dependencies: ["Commands"], swiftSettings: settings),
        .executableTarget(
            name: "read-through-cache", dependencies: ["Fscache", "BlobFetch"], path: "examples/read-through-cache",
            swiftSettings: settings),

        .target(name: "TestSupport", dependencies: ["CLinux"], path: "Tests/TestSupport", swiftSettings: settings),
        tests("Primitives", ["CLinux"]),
        .target(
            name: "FuzzSupport", dependencies: ["EROFS", "Decompression"], path: "Tests/Fuzz/FuzzSupport",
            swiftSettings: settings),
        tests("EROFS", ["FuzzSupport"], resources: [.copy("Fixtures")]),
        tests("Decompression", ["CLZ4", "CZstd", "CLZMA", "CZlib"]),
        tests("Digests"),
        tests("Fscache"),
        tests("BlobFetch", ["Fscache", "Digests", "Primitives", "CLinux"]),
        tests("RemoteSources", ["BlobFetch", "Fscache"]),
        tests("ImageReader", ["EROFS", "Decompression", "BlobFetch", "Fscache", "Primitives"]),
        .testTarget(
            name: "RafsTests",
            dependencies: ["Rafs", "EROFS", "Digests", "BlobFetch", "Fscache", "Primitives", "TestSupport"],
            exclude: ["Fixtures"], swiftSettings: settings),
        tests("FUSE", ["Primitives"]),
        tests("ImageMount", ["ImageReader", "EROFS", "FUSE", "BlobFetch", "Fscache", "Primitives"]),
        tests("LayerStore", ["FUSE", "ImageMount", "ImageReader", "Primitives"]),
        tests(
            "Commands",
            [
                "BlobFetch", "EROFS", "Fscache", "FUSE", "ImageMount", "ImageReader", "Primitives", "RemoteSources",
                metrics,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .testTarget(
            name: "EndToEndTests", dependencies: ["TestSupport"], exclude: ["Fixtures", "Probes"],
            swiftSettings: settings),
    ] + fuzzers,
    swiftLanguageModes: [.v6]
)
