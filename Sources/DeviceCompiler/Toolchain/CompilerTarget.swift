import DeviceFormats
import Diagnostics
import Targets

/// What the compilers and the linker must be told for one kind of device. The only table of per-target flags.
public struct CompilerTarget: Hashable, Sendable {
  /// For swiftc. The bare-metal triples carry Embedded Swift's library; their objects run on Linux as they are.
  public var swiftTriple: String
  public var clangTriple: String
  /// For clang, and behind `-Xcc` for swiftc, where they choose the instruction set of Swift's own code as well.
  public var codeFlags: [String]
  /// More for swiftc. `-no-allocations` makes allocation a compile error. On 32-bit cores it also refuses `UInt64(someUInt32)`; there an
  /// allocation is a link error, since nothing defines `posix_memalign`.
  public var swiftFlags: [String]
  /// `-D` words for Swift and C.
  public var defines: [String]
  /// Files in `DeviceRuntime/Startup`, the entry first.
  public var startupFiles: [String]
  public var linkerFlags: [String]
  /// The file in `DeviceRuntime/Startup` that starts threads; nil where there are none.
  public var threadStartup: String?

  var isThumb: Bool { clangTriple.hasPrefix("armv") }

  /// Files in `DeviceRuntime/Startup` that a library needs: the memory functions and the check of the processor.
  var libraryFiles: [String] { (isThumb ? ["armv7em.S"] : []) + ["memory.c", "processor.c"] }

  /// Vectors of 64 bytes on 64-bit processors; what the calling convention gives its stack on 32-bit ones.
  var libraryAlignment: LibraryAlignment { LibraryAlignment(arena: isThumb ? 8 : 64, weights: PackedWeights.blockAlignment) }

  /// Flags that say which processor the code needs; empty for the oldest one of the architecture.
  var processorFlags: [String] { codeFlags.filter { $0 != Self.outlinesNothing } }

  /// 64-bit elements cannot be converted on 32-bit cores.
  func takesStoredSamples(of input: ProgramInput) -> Bool { !isThumb || input.elementType.bytes < 8 }

  /// - Throws: `profile-value` where no code can be made for the profile's processor and operating system.
  public static func of(_ profile: TargetProfile) throws(Failure) -> CompilerTarget {
    switch (profile.cpu.architecture, profile.operatingSystem) {
    case (.arm64, .linux): arm64Linux
    case (.x86_64, .linux): x86Linux(X86Level(profile.cpu.features))
    case (.armv7em, .none): cortexM4
    case (.arm64, .none), (.x86_64, .none), (.armv7em, .linux), (.riscv32, _):
      throw Failure(
        .profileValue,
        "no programs can be made for \(profile.cpu.architecture.rawValue) with operating system \(profile.operatingSystem.rawValue)",
        hint: "programs: arm64 and x86_64 with linux, armv7em with none")
    }
  }

  /// Static, read-only and executable code apart, nothing that differs between two builds. Segments are aligned to the largest page of the
  /// architecture, so that the program also starts under kernels with 64 KiB pages.
  private static func linuxLinkerFlags(largestPage: Int) -> [String] {
    [
      "-static", "--gc-sections", "--icf=all", "-z", "noexecstack", "-z", "noseparate-code", "-z", "max-page-size=\(largestPage)",
      "--build-id=none",
    ]
  }

  /// Outlined pieces of functions have neither a symbol nor a recorded frame, so no stack bound could be told.
  private static let outlinesNothing = "-mno-outline"

  private static let linuxStartup = ["memory.c", "processor.c"]

  static var arm64Linux: CompilerTarget {
    CompilerTarget(
      swiftTriple: "aarch64-none-none-elf", clangTriple: "aarch64-none-elf", codeFlags: [outlinesNothing, "-mno-outline-atomics"],
      swiftFlags: ["-no-allocations"], defines: ["EDGEPACK_LINUX_PROGRAM"],
      startupFiles: ["arm64.S"] + linuxStartup, linkerFlags: linuxLinkerFlags(largestPage: 65_536),
      threadStartup: "thread_arm64.S")
  }

  static func x86Linux(_ level: X86Level) -> CompilerTarget {
    CompilerTarget(
      swiftTriple: "x86_64-unknown-none-elf", clangTriple: "x86_64-unknown-none-elf",
      codeFlags: level.codeFlags, swiftFlags: ["-no-allocations"],
      defines: ["EDGEPACK_LINUX_PROGRAM"] + level.defines, startupFiles: ["x86_64.S"] + linuxStartup,
      linkerFlags: linuxLinkerFlags(largestPage: 4096), threadStartup: "thread_x86_64.S")
  }

  private static var cortexM4: CompilerTarget {
    CompilerTarget(
      swiftTriple: "armv7em-none-none-eabi", clangTriple: "armv7em-none-none-eabi",
      codeFlags: ["-mcpu=cortex-m4", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16", outlinesNothing], swiftFlags: [],
      defines: ["EDGEPACK_FIRMWARE"], startupFiles: ["armv7em.S", "memory.c"],
      linkerFlags: ["--gc-sections", "--icf=all", "--build-id=none"])
  }
}

/// What an x86-64 processor has, as far as kernels differ.
enum X86Level: Sendable {
  /// x86-64-v2: without SSE4.1 rounding would be a library call.
  case sse4
  /// x86-64-v3.
  case avx2
  /// x86-64-v4 with VNNI.
  case avx512

  init(_ features: Set<TargetProfile.Processor.Feature>) {
    self = !features.contains(.avx2) ? .sse4 : features.isSuperset(of: [.avx512, .vnni]) ? .avx512 : .avx2
  }

  fileprivate var codeFlags: [String] {
    switch self {
    case .sse4: ["-march=x86-64-v2"]
    case .avx2: ["-march=x86-64-v3"]
    case .avx512: ["-march=x86-64-v4", "-mavx512vnni"]
    }
  }

  fileprivate var defines: [String] {
    switch self {
    case .sse4: []
    case .avx2: ["EDGEPACK_AVX2"]
    case .avx512: ["EDGEPACK_AVX2", "EDGEPACK_AVX512"]
    }
  }
}

/// Flags that are the same for every target.
enum CommonFlags {
  /// Embedded Swift in one module, each function in a section of its own so that the linker can drop what is not used.
  static let swift = [
    "-enable-experimental-feature", "Embedded", "-swift-version", "6", "-wmo", "-parse-as-library",
    "-module-cache-path", "module-cache", "-I", "CIntrinsics/include", "-Xfrontend", "-disable-stack-protector", "-Xfrontend",
    "-function-sections",
  ]

  /// No library behind the code, and the numeric contract: nothing fused, no errno around square roots.
  static let code = ["-ffreestanding", "-fno-math-errno", "-ffp-contract=off", "-fno-stack-protector"]

  /// `.stack_sizes` for `StackBound`.
  static let object = ["-ffunction-sections", "-fstack-size-section"]
}
