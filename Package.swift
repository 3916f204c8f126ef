// swift-tools-version: 6.2
import PackageDescription

// The compiler flags that the numeric contract needs wherever kernels are compiled (docs/numeric-contract.md):
// no contraction of a·b+c, no errno around square roots.
let kernelFlags: [SwiftSetting] = [
  .unsafeFlags(["-Xcc", "-ffp-contract=off", "-Xcc", "-fno-math-errno"])
]

// The program carries the Swift runtime and Foundation with it, so that it runs wherever it is copied. Foundation's parts need each other,
// which the linker takes as a group.
let selfContained =
  ["-static-stdlib", "-use-ld=lld", "-Xlinker", "--start-group"]
  + [
    "Foundation", "FoundationInternationalization", "FoundationEssentials", "CoreFoundation", "_FoundationICU", "_FoundationCShims",
    "_FoundationCollections",
  ].map { "-l\($0)" }
  + ["-Xlinker", "--end-group"]

let package = Package(
  name: "edgepack",
  products: [
    .executable(name: "edgepack", targets: ["edgepack"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
  ],
  targets: [
    // The command line: one file a subcommand, no logic.
    .executableTarget(
      name: "edgepack",
      dependencies: [
        "Packager", "Report", "Deployment", "Targets", "Diagnostics",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      linkerSettings: [.unsafeFlags(selfContained, .when(platforms: [.linux]))]),
    .target(
      name: "Packager",
      dependencies: [
        "Report", "Deployment", "Compression", "Accelerator", "HostTwin", "DeviceCompiler", "HostCompute", "Targets", "ModelFormats",
        "ModelGraph", "DeviceFormats", "Diagnostics",
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    .target(name: "Report", dependencies: ["Targets", "Diagnostics"]),
    .target(
      name: "Deployment",
      dependencies: [
        "DeviceFormats", "ModelFormats", "ModelGraph", "Targets", "Diagnostics",
        .product(name: "Subprocess", package: "swift-subprocess"),
      ],
      resources: [.copy("../../Scripts/fetch-machine-kernel.sh")]),
    .target(
      name: "Compression",
      dependencies: ["HostTwin", "HostCompute", "DeviceCompiler", "ModelFormats", "ModelGraph", "Targets", "Diagnostics"]),
    .target(
      name: "Accelerator", dependencies: ["DeviceCompiler", "DeviceKernels", "ModelGraph", "Targets", "Diagnostics"],
      resources: [.embedInCode("Bridge/hls_bridge.h")]),
    .target(name: "HostTwin", dependencies: ["DeviceCompiler", "DeviceKernels", "ModelGraph", "Diagnostics"]),
    .target(
      name: "DeviceCompiler",
      dependencies: [
        "ModelGraph", "Targets", "DeviceKernels", "DeviceFormats", "Diagnostics",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Subprocess", package: "swift-subprocess"),
      ],
      resources: [
        .copy("../DeviceKernels"), .copy("../DeviceFormats"), .copy("../DeviceRuntime"), .copy("../CIntrinsics"),
        .copy("../../firmware-stubs"),
      ]),
    .target(name: "HostCompute", dependencies: ["ModelGraph", "COpenBLAS", "Diagnostics"]),
    .target(
      name: "Targets", dependencies: ["ModelGraph", "Diagnostics", "Yams"], resources: [.copy("../../targets")]),
    .target(
      name: "ModelFormats",
      dependencies: [
        "ModelGraph", "CZlib", "Diagnostics",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      exclude: ["ONNX/onnx.proto"]),
    .target(name: "ModelGraph", dependencies: ["Diagnostics"]),
    .target(name: "Diagnostics"),

    // Compiled twice: here for this machine, and as Embedded Swift for each device.
    .target(name: "DeviceFormats"),
    .target(name: "DeviceKernels", dependencies: ["CIntrinsics"], swiftSettings: kernelFlags),
    .target(name: "CIntrinsics"),

    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    .target(
      name: "TestSupport",
      dependencies: ["ModelFormats", "ModelGraph", "Diagnostics", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
      path: "Tests/TestSupport"),

    // Damages files and reads them, in a program of its own: a crash must not end the tests.
    .target(
      name: "MutationSupport",
      dependencies: [
        "Packager", "DeviceCompiler", "DeviceFormats", "ModelFormats", "ModelGraph", "Targets", "TestSupport", "CZlib", "Diagnostics",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      path: "Tests/MutationSupport"),
    .executableTarget(name: "edgepack-mutate", dependencies: ["MutationSupport", "TestSupport"], path: "Tests/MutationProgram"),
  ]
    + [
      "Accelerator",
      "Compression",
      "Deployment",
      "DeviceCompiler",
      "DeviceFormats",
      "DeviceKernels",
      "Diagnostics",
      "HostCompute",
      "HostTwin",
      "ModelFormats",
      "ModelGraph",
      "Packager",
      "Report",
      "Targets",
    ].map { module in
      .testTarget(
        name: "\(module)Tests",
        dependencies: [.target(name: module), "TestSupport"] + (module == "Diagnostics" ? [] : ["Diagnostics"])
          + (module == "Packager" ? ["MutationSupport"] : []))
    } + [
      // Reads the sources themselves: imports, file lengths, error codes.
      .testTarget(name: "ArchitectureTests", dependencies: ["TestSupport", "Diagnostics"]),
      .testTarget(
        name: "MutationTests",
        dependencies: ["edgepack-mutate", "MutationSupport", "DeviceFormats", "ModelFormats", "TestSupport", "Diagnostics"]),
      // Other implementations of ONNX, from `.venv`: its own node tests, and ONNX Runtime.
      .testTarget(
        name: "ConformanceTests",
        dependencies: [
          "Compression", "HostTwin", "DeviceCompiler", "HostCompute", "ModelFormats", "ModelGraph", "TestSupport", "Diagnostics",
          .product(name: "SwiftProtobuf", package: "swift-protobuf"),
        ],
        exclude: ["passing.txt", "run_peer.py"]),
    ]
)
