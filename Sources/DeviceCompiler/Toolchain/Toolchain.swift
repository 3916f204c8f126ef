import Diagnostics
import Foundation
import Subprocess

#if canImport(System)
import System
#else
import SystemPackage
#endif

/// The tools of one Swift toolchain: they lie beside `swiftc`, so their versions belong together.
public struct Toolchain: Sendable {
  public enum Tool: String, CaseIterable, Sendable {
    case swiftc, clang
    case linker = "ld.lld"
    case objcopy = "llvm-objcopy"
    case objdump = "llvm-objdump"
    case archiver = "llvm-ar"
  }

  /// The folder that holds them.
  let folder: URL

  /// Finds the first `swiftc` of the search path.
  /// - Parameter searchPath: folders separated by colons.
  /// - Throws: `missing-tool` with every tool that is missing.
  public static func locate(
    searchPath: String = ProcessInfo.processInfo.environment["PATH"] ?? ""
  ) throws(Failure) -> Toolchain {
    let hint = "install the Swift toolchain from swift.org and put its usr/bin into PATH"
    let candidates = searchPath.split(separator: ":").map { URL(fileURLWithPath: String($0)).appendingPathComponent("swiftc") }
    guard let compiler = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) else {
      throw Failure(.missingTool, "swiftc is not in PATH", hint: hint)
    }
    let folder = compiler.resolvingSymlinksInPath().deletingLastPathComponent()
    let missing = Tool.allCases.filter {
      !FileManager.default.isExecutableFile(atPath: folder.appendingPathComponent($0.rawValue).path)
    }
    guard missing.isEmpty else {
      throw Failure(
        .missingTool, "the Swift toolchain in \(folder.path) lacks \(missing.map(\.rawValue).joined(separator: ", "))", hint: hint)
    }
    return Toolchain(folder: folder)
  }

  /// Tells two toolchains apart. The compiler itself would take long to hash; another version has another path or another size.
  /// - Throws: `missing-tool` if the compiler has gone.
  func identity() throws(Failure) -> String {
    let compiler = folder.appendingPathComponent("swiftc").resolvingSymlinksInPath()
    do {
      return "\(compiler.path) \(try FileManager.default.attributesOfItem(atPath: compiler.path)[.size] ?? 0)"
    } catch {
      throw Failure(.missingTool, "\(compiler.path) cannot be read: \(error.localizedDescription)")
    }
  }

  /// The compiler's version, such as `6.3.1`.
  /// - Throws: `tool-failed` if the compiler does not run.
  public func version() async throws(Failure) -> String {
    let words = try await run(.swiftc, ["--version"], in: "/").split(whereSeparator: { $0 == " " || $0 == "\n" })
    guard let word = words.firstIndex(of: "version"), word + 1 < words.endIndex else { return "of unknown version" }
    return String(words[word + 1])
  }

  /// Where a tool lies.
  public func path(of tool: Tool) -> String { folder.appendingPathComponent(tool.rawValue).path }

  /// Runs a tool to its end.
  /// - Parameter workingFolder: relative paths in `arguments` start here.
  /// - Returns: its standard output.
  /// - Throws: `tool-failed` with the last lines of its standard error.
  @discardableResult
  func run(_ tool: Tool, _ arguments: [String], in workingFolder: String) async throws(Failure) -> String {
    let outcome: (output: String, errorOutput: String, succeeded: Bool)
    do {
      let result = try await Subprocess.run(
        .path(FilePath(folder.appendingPathComponent(tool.rawValue).path)), arguments: Arguments(arguments),
        workingDirectory: FilePath(workingFolder), platformOptions: .ownGroup, output: .bytes(limit: Self.outputLimit),
        error: .bytes(limit: Self.outputLimit))
      outcome = (
        String(decoding: result.standardOutput, as: UTF8.self), String(decoding: result.standardError, as: UTF8.self),
        result.terminationStatus.isSuccess
      )
    } catch {
      throw Failure(.toolFailed, "\(tool.rawValue) cannot be run: \(error)")
    }
    guard outcome.succeeded else {
      if outcome.errorOutput.contains(String(cString: strerror(ENOSPC))) { throw .noSpace(in: workingFolder) }
      let lines = outcome.errorOutput.split(separator: "\n").suffix(12).map(String.init)
      throw Failure(.toolFailed, "\(tool.rawValue) failed", details: lines)
    }
    return outcome.output
  }

  /// A disassembly is the longest output.
  private static let outputLimit = 256 * 1_048_576
}

extension PlatformOptions {
  /// A process group of its own: Ctrl-C in a terminal reaches edgepack alone, which decides what becomes of its children. All processes of
  /// the group are ended together.
  fileprivate static var ownGroup: PlatformOptions {
    var options = PlatformOptions()
    options.processGroupID = 0
    options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)]
    return options
  }
}
