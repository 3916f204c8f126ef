import DeviceKernels
import Foundation
import Testing

/// A machine that the cross-check runs on: how to compile for it, start it, and which kernels it has.
enum HarnessTarget: String, CaseIterable, CustomTestStringConvertible {
  case arm64, x86AVX2, x86AVX512, cortexM4, riscv32

  var testDescription: String { rawValue }

  var instructionSet: InstructionSet {
    switch self {
    case .arm64: .neon
    case .x86AVX2: .avx2
    case .x86AVX512: .avx512
    case .cortexM4, .riscv32: .portable
    }
  }

  var triple: String {
    switch self {
    case .arm64: "aarch64-none-none-elf"
    case .x86AVX2, .x86AVX512: "x86_64-unknown-none-elf"
    case .cortexM4: "armv7em-none-none-eabi"
    case .riscv32: "riscv32-none-none-eabi"
    }
  }

  /// Flags of clang and, each behind -Xcc, of swiftc.
  var clangFlags: [String] {
    switch self {
    case .arm64: ["-DEDGEPACK_LINUX_PROGRAM"]
    case .x86AVX2: ["-march=x86-64-v3", "-DEDGEPACK_LINUX_PROGRAM"]
    case .x86AVX512: ["-march=x86-64-v4", "-mavx512vnni", "-DEDGEPACK_LINUX_PROGRAM"]
    case .cortexM4: ["-mcpu=cortex-m4", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"]
    case .riscv32: ["-march=rv32imafc", "-mabi=ilp32f", "-mno-relax"]
    }
  }

  var swiftFlags: [String] {
    switch self {
    case .x86AVX2: ["-DEDGEPACK_AVX2"]
    case .x86AVX512: ["-DEDGEPACK_AVX2", "-DEDGEPACK_AVX512"]
    case .arm64, .cortexM4, .riscv32: []
    }
  }

  /// Start-up assembly, from the package's root.
  var startup: String {
    switch self {
    case .arm64: "Sources/DeviceRuntime/Startup/arm64.S"
    case .x86AVX2, .x86AVX512: "Sources/DeviceRuntime/Startup/x86_64.S"
    case .cortexM4: "Tests/DeviceKernelsHarness/armv7em.S"
    case .riscv32: "Tests/DeviceKernelsHarness/riscv32.S"
    }
  }

  var linkerFlags: [String] {
    switch self {
    case .arm64, .x86AVX2, .x86AVX512: ["-static"]
    case .cortexM4: ["-T", "Tests/DeviceKernelsHarness/armv7em.ld"]
    case .riscv32: ["-T", "Tests/DeviceKernelsHarness/riscv32.ld"]
    }
  }

  /// The emulator and its arguments before the program; empty to run natively.
  var runner: [String] {
    let semihosting = [
      "-nographic", "-monitor", "none", "-serial", "null", "-semihosting-config", "enable=on,target=native", "-kernel",
    ]
    return switch self {
    case .arm64: ["qemu-aarch64-static", "-cpu", "cortex-a53"]
    case .x86AVX2, .x86AVX512: []
    case .cortexM4: ["qemu-system-arm", "-M", "mps2-an386"] + semihosting
    case .riscv32: ["qemu-system-riscv32", "-M", "virt", "-bios", "none"] + semihosting
    }
  }

  /// Random shapes of each operation.
  static let cases = 10_000

  /// Why the target cannot run here, or nil.
  var obstacle: String? {
    if let missing = missingInstructions { return "not run: CPU lacks \(missing)" }
    for tool in ["swiftc"] + runner.prefix(1) where Tool.find(tool) == nil { return "not run: \(tool) is not installed" }
    return nil
  }
}

extension HarnessTarget {
  /// What this computer's processor lacks to run the target's programs natively, by Linux's names, or nil.
  private var missingInstructions: String? {
    let needed: [String] =
      switch self {
      case .arm64, .cortexM4, .riscv32: []
      case .x86AVX2: ["avx2"]
      case .x86AVX512: ["avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vnni"]
      }
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let flags = Set(text.split(whereSeparator: \.isWhitespace).map(String.init))
    return needed.first { !flags.contains($0) }?.uppercased()
  }
}

/// What the program printed for one operation.
struct HarnessLine: Equatable {
  var operation: String
  var hash: String
  var verdict: String
}

/// The kernels and the cross-check, compiled as a freestanding Embedded Swift program.
struct HarnessProgram {
  var target: HarnessTarget
  var seed: UInt32
  var optimization = "-Osize"

  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Compiles, links and runs in a temporary folder.
  func run() throws -> [HarnessLine] {
    let folder = FileManager.default.temporaryDirectory.appending(path: "edgepack-harness-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = { (name: String) in folder.appending(path: name).path }

    try Tool.run("swiftc", swiftArguments(moduleCache: path("modules")) + ["-o", path("kernels.o")], in: HarnessProgram.root)
    let clang = ["-target", target.triple] + target.clangFlags
    try Tool.run(
      "clang",
      clang + [
        "-I", "Sources/CIntrinsics/include", "-O2", "-ffreestanding", "-fno-builtin", "-fno-stack-protector", "-ffunction-sections", "-c",
        "Tests/DeviceKernelsHarness/Machine.c", "-o", path("machine.o"),
      ], in: HarnessProgram.root)
    try Tool.run("clang", clang + ["-c", target.startup, "-o", path("start.o")], in: HarnessProgram.root)
    let objects = ["start.o", "kernels.o", "machine.o"].map(path)
    try Tool.run(
      "ld.lld", target.linkerFlags + ["--gc-sections", "-z", "noexecstack", "-o", path("program")] + objects, in: HarnessProgram.root)

    // A difference ends the program with code 1; the lines say where.
    let command = ["timeout", "300"] + target.runner + [path("program")]
    let output = try Tool.run("env", command, in: HarnessProgram.root, allowedStatus: [0, 1])
    return output.split(whereSeparator: \.isNewline).map { line in
      let words = line.split(separator: " ", maxSplits: 2).map(String.init) + ["", "", ""]
      return HarnessLine(operation: words[0], hash: words[1], verdict: words[2])
    }
  }

  private func swiftArguments(moduleCache: String) throws -> [String] {
    let sources =
      try HarnessProgram.swiftFiles("Sources/DeviceKernels") + HarnessProgram.swiftFiles("Tests/DeviceKernelsTests/Harness")
      + ["Tests/DeviceKernelsHarness/DeviceMain.swift"]
    let behindXcc =
      target.clangFlags + [
        "-DHARNESS_SEED=\(seed)", "-DHARNESS_CASES=\(HarnessTarget.cases)", "-ffreestanding", "-fno-math-errno",
        "-ffp-contract=off", "-fno-stack-protector",
      ]
    return [
      "-target", target.triple, "-enable-experimental-feature", "Embedded", "-wmo", "-parse-as-library", "-no-allocations", optimization,
      "-module-name", "Harness", "-module-cache-path", moduleCache, "-I", "Sources/CIntrinsics/include", "-I",
      "Tests/DeviceKernelsHarness/include", "-Xfrontend", "-disable-stack-protector", "-Xfrontend", "-function-sections",
    ] + target.swiftFlags + behindXcc.flatMap { ["-Xcc", $0] } + ["-c"] + sources
  }

  /// Swift files under a folder, relative to the package's root.
  private static func swiftFiles(_ folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path).filter { $0.hasSuffix(".swift") }.sorted()
      .map { "\(folder)/\($0)" }
  }
}

/// Programs on the search path. clang and ld.lld are those beside swiftc, if they are there.
enum Tool {
  struct Failed: Error, CustomStringConvertible {
    var description: String
  }

  static func find(_ name: String) -> URL? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { URL(filePath: String($0)) }
    let candidates = folders.map { $0.appending(path: name) }
    return candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }

  private static func locate(_ name: String) -> URL? {
    if ["clang", "ld.lld"].contains(name), let compiler = find("swiftc") {
      let beside = compiler.resolvingSymlinksInPath().deletingLastPathComponent().appending(path: name)
      if FileManager.default.isExecutableFile(atPath: beside.path) { return beside }
    }
    return find(name)
  }

  /// Runs a program and returns its standard output and standard error together.
  @discardableResult
  static func run(_ name: String, _ arguments: [String], in folder: URL, allowedStatus: Set<Int32> = [0]) throws -> String {
    guard let executable = locate(name) else { throw Failed(description: "\(name) is not installed") }
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = folder
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationReason == .exit, allowedStatus.contains(process.terminationStatus) else {
      throw Failed(description: "\(name) ended with \(process.terminationStatus): \(output)")
    }
    return output
  }
}
