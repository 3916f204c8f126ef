import Diagnostics
import Foundation
import Targets

/// Compiles and links device code in one working folder. Every path that a tool sees is relative to it.
struct DeviceBuild {
  let toolchain: Toolchain
  let target: CompilerTarget
  let folder: URL

  /// Links the sources into `folder`, which is created if needed.
  init(_ target: CompilerTarget, in folder: String) throws(Failure) {
    toolchain = try Toolchain.locate()
    self.target = target
    self.folder = URL(fileURLWithPath: folder)
    try DeviceSources.link(into: self.folder)
  }

  /// Compiles Swift files as one module.
  ///
  /// swiftc optimises and writes LLVM's text form, clang makes machine code of it: swiftc cannot write `.stack_sizes`, clang can, and
  /// both contain the same LLVM. (swiftc's bitcode writer stops at closures with "unexpected anonymous function".)
  /// - Parameter defines: `NAME` or `NAME=VALUE`, for the C headers; Swift sees those without a value.
  func compile(
    swift sources: [String], module: String, optimize: TargetProfile.Optimization, defines: [String] = [],
    positionIndependent: Bool = false
  ) async throws(Failure) -> String {
    // For speed, kernels are inlined into their calls, which have literal shapes.
    let (level, inlining): (String, [String]) =
      switch optimize {
      case .size: ("-Osize", [])
      case .speed: ("-O", ["EDGEPACK_SPECIALIZED"])
      }
    let all: [String] = target.defines + defines + inlining
    let clangFlags = CommonFlags.code + target.codeFlags + all.map { "-D\($0)" }
    try await toolchain.run(
      .swiftc,
      ["-target", target.swiftTriple, level, "-module-name", module] + CommonFlags.swift + target.swiftFlags
        + clangFlags.flatMap { ["-Xcc", $0] } + all.filter { !$0.contains("=") }.map { "-D\($0)" }
        + ["-emit-ir", "-o", "\(module).ll"] + sources,
      in: folder.path)
    if target.isThumb { try allowDirectCalls("\(module).ll") }
    try await toolchain.run(
      .clang,
      ["-target", target.clangTriple, "-O2", "-Xclang", "-disable-llvm-passes", "-Wno-override-module"] + target.codeFlags
        + CommonFlags.object + (positionIndependent ? ["-fPIC"] : []) + ["-c", "\(module).ll", "-o", "\(module).o"],
      in: folder.path)
    return "\(module).o"
  }

  /// Takes `minsize`, which -Osize gives every function beside `optsize`, out of the module's attributes: for Thumb it makes LLVM call a
  /// function that is called often through a register, and `StackBound` cannot follow such calls. Costs about a tenth of the code.
  private func allowDirectCalls(_ module: String) throws(Failure) {
    let lines = String(decoding: try read(module), as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    let changed = lines.map { $0.hasPrefix("attributes #") ? $0.replacingOccurrences(of: " minsize ", with: " ") : String($0) }
    try write(changed.joined(separator: "\n"), to: module)
  }

  /// Compiles the target's C and assembly files of `DeviceRuntime/Startup`.
  func compileStartup(_ files: [String]) async throws(Failure) -> [String] {
    var objects: [String] = []
    for file in files { objects.append(try await compile(native: "DeviceRuntime/Startup/\(file)")) }
    return objects
  }

  /// Compiles one C or assembly file. Under Linux for the oldest processor of the architecture: the check for newer ones is among them.
  /// - Parameters:
  ///   - objectPrefix: keeps apart what is compiled twice.
  ///   - defines: as of Swift files.
  /// - Returns: the object's name.
  func compile(
    native path: String, objectPrefix: String = "", defines: [String] = [], positionIndependent: Bool = false
  ) async throws(Failure) -> String {
    let isMicrocontroller = !target.defines.contains("EDGEPACK_LINUX_PROGRAM")
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let object = objectPrefix + name.replacingOccurrences(of: ".", with: "-") + ".o"
    try await toolchain.run(
      .clang,
      ["-target", target.clangTriple, "-Os", "-iquote", "."] + CommonFlags.code + CommonFlags.object
        + (isMicrocontroller ? target.codeFlags : [])
        + (positionIndependent ? ["-fPIC"] : []) + (target.defines + defines).map { "-D\($0)" } + ["-c", path, "-o", object],
      in: folder.path)
    return object
  }

  /// Links objects to `output` with symbols and stack sizes, and strips a copy. - Returns: names of the files.
  func link(_ objects: [String], output: String, extraFlags: [String] = []) async throws(Failure) -> (unstripped: String, stripped: String)
  {
    let unstripped = output + ".unstripped"
    try await toolchain.run(.linker, target.linkerFlags + extraFlags + ["-o", unstripped] + objects, in: folder.path)
    try await toolchain.run(.objcopy, ["--strip-all", unstripped, output], in: folder.path)
    return (unstripped, output)
  }

  func write(_ text: String, to name: String) throws(Failure) { try write(Array(text.utf8), to: name) }

  func write(_ bytes: [UInt8], to name: String) throws(Failure) {
    do { try Data(bytes).write(to: folder.appendingPathComponent(name)) } catch {
      throw .unwritable("\(folder.path)/\(name)", in: folder.path, error, needed: bytes.count)
    }
  }

  func read(_ name: String) throws(Failure) -> [UInt8] {
    do { return [UInt8](try Data(contentsOf: folder.appendingPathComponent(name))) } catch {
      throw Failure(.fileUnreadable, "\(folder.appendingPathComponent(name).path) cannot be read: \(error.localizedDescription)")
    }
  }
}
