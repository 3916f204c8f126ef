import Deployment
import Foundation
import Report
import TestSupport
import Testing

@testable import Packager

/// A build with a library, used as its README and `Examples/library-c` say.
struct LibraryProcessTests {
  private static let spotter = Task { try await Packed("native", emit: [.library]) }

  @Test func aLibraryBuildIsProvenListedAndUsable() async throws {
    let packed = try await Self.spotter.value
    let answer = packed.outcome.answer
    #expect(answer.answer == .fits && answer.smoke?.byteEqual == true && answer.smoke?.cases == 68)
    let kinds = Dictionary(grouping: answer.files, by: \.kind).mapValues { Set($0.map(\.path)) }
    #expect(kinds[.library] == ["libspotter.a", "spotter.h", "cmake/spotterConfig.cmake", "pkgconfig/spotter.pc"])
    #expect(kinds[.program] == ["spotter"] && kinds[.weights] == ["spotter.epk"])
    let manifest = try BuildFolder(path: packed.folder).manifest
    #expect(manifest.library == "libspotter.a" && manifest.kind == .program)
    let home = Data(packed.files.folder.path.utf8)
    for (name, content) in try snapshot(packed.folder) { #expect(content.range(of: home) == nil, "\(name) names the folder") }
    #expect(String(decoding: try packed.bytes("README.txt"), as: UTF8.self).contains("find_package(spotter REQUIRED)"))
    // The same plan without the library is the same network for one thread.
    #expect(manifest.threads == 1 && answer.target.threads == 1)
    let plain = try await Packs.native.value
    #expect(try packed.bytes("spotter.epk") == plain.bytes("spotter.epk"))
    #expect(try packed.bytes("source/Network.swift") == plain.bytes("source/Network.swift"))
  }

  @Test func aNameOfTheCLibraryIsChangedForLibrariesOnly() {
    #expect(programName("models/math.onnx", asLibrary: true) == "math_model")
    #expect(programName("models/math.onnx") == "math")
    #expect(programName("models/cmake.onnx") == "cmake_model")
  }

  /// The digits example, compiled by pkg-config's words and by CMake, says for each golden case what edgepack computed.
  @Test(.enabled(if: Installed.tool("gcc"), "not run: gcc is not installed"))
  func theExampleAnswersLikeTheHost() async throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let examples = root.appendingPathComponent("Examples").path
    let folder = TemporaryFolder()
    var request = PackRequest(
      model: examples + "/digits/digits.onnx", data: examples + "/digits/train.npz", target: "native", output: folder.file("build"))
    request.validation = examples + "/digits/test.npz"
    request.inputScale = 0.0625
    request.inputOffset = 0
    request.recipe.calibrationSamples = 32
    request.emit = [.library]
    let build = try await pack(request) { _ in }.folder
    let here = URL(fileURLWithPath: folder.path)

    // Moved: no file of the package may know where it was made.
    try FileManager.default.moveItem(atPath: build, toPath: folder.file("moved"))
    var programs: [String] = []
    if Installed.tool("pkg-config") {
      let compiled = try FinishedProcess.run(
        [
          "sh", "-c",
          "gcc -Wall -Wextra -Werror -o by-pkg-config '\(examples)/library-c/main.c' "
            + "$(PKG_CONFIG_PATH=moved/pkgconfig pkg-config --cflags --libs digits)",
        ], in: here)
      #expect(compiled.exitCode == 0, "\(compiled.errorText)")
      programs.append("./by-pkg-config")
    } else {
      print("not run: pkg-config is not installed")
    }
    if Installed.tool("cmake") {
      for command in [
        ["cmake", "-S", examples + "/library-c", "-B", "by-cmake", "-D", "CMAKE_PREFIX_PATH=\(folder.file("moved"))"],
        ["cmake", "--build", "by-cmake"],
      ] {
        let built = try FinishedProcess.run(command, in: here)
        #expect(built.exitCode == 0, "\(built.outputText)\(built.errorText)")
      }
      let foreign = try FinishedProcess.run(
        [
          "cmake", "-S", examples + "/library-c", "-B", "foreign", "-D", "CMAKE_PREFIX_PATH=\(folder.file("moved"))",
          "-D", "CMAKE_SYSTEM_NAME=Linux", "-D", "CMAKE_SYSTEM_PROCESSOR=s390x",
        ], in: here)
      #expect(foreign.exitCode != 0 && foreign.errorText.contains("not s390x"), "\(foreign.errorText)")
      programs.append("by-cmake/library-c")
    } else {
      print("not run: cmake is not installed")
    }
    for program in programs {
      for index in 0..<4 {
        let golden = ["moved/golden/input\(index).npy", "moved/golden/output\(index).npy"]
        let run = try FinishedProcess.run([program, "moved/digits.epk"] + golden, in: here)
        #expect(run.exitCode == 0 && run.outputText.hasPrefix("it is a "), "\(run.errorText)")
      }
      let wrong = try FinishedProcess.run(
        [program, "moved/digits.epk", "moved/golden/input0.npy", "moved/golden/output1.npy"], in: here)
      #expect(wrong.exitCode == 1)
    }
  }
}
