import Deployment
import DeviceCompiler
import Diagnostics
import Foundation
import ModelGraph
import Report
import TestSupport
import Testing

@testable import Packager

/// Whole packs of a small keyword spotter, proven where their targets are proven.
struct PackProcessTests {
  @Test func aNativePackFitsIsProvenAndReported() async throws {
    try check(try await Packs.native.value, on: "native")
  }

  @Test(.enabled(if: Installed.canBoot, "not run: QEMU or the machine's kernel is missing; make setup"))
  func anArm64PackIsProvenInABootedMachineAndKeepsItsPromises() async throws {
    let packed = try await Packs.machine.value
    try check(packed, on: "machine")
    #expect((packed.outcome.answer.smoke?.residentPeak ?? 0) > 0)
    let manifest = try BuildFolder(path: packed.folder).manifest
    #expect(manifest.stackBytes > 0 && manifest.stackBytes <= 8192)
    #expect(manifest.machineInit == "machine/init")
    let program = [UInt8](try packed.bytes(manifest.program))
    #expect(program.count <= 48 * 1024, "\(program.count) bytes")
    let elf = try #require(ElfFile(program))
    #expect(elf.is64Bit && elf.faults == [])
    #expect(!elf.sections.contains { $0.name == ".dynamic" } && !elf.programHeaders.contains { $0.isWritable && $0.isExecutable })
  }

  @Test(.enabled(if: Installed.canEmulateBoard, "not run: qemu-system-arm is missing"))
  func aFirmwareIsProvenOnAnEmulatedBoard() async throws {
    let packed = try await Packs.firmware.value
    try check(packed, on: "firmware")
    let names = Set(packed.outcome.answer.files.map(\.path))
    #expect(names.isSuperset(of: ["spotter.elf", "spotter.bin", "spotter.map"]) && !names.contains("spotter.epk"))
    #expect(packed.outcome.answer.flash.map(\.bytes) == [try packed.bytes("spotter.bin").count])
  }

  /// What every build promises.
  private func check(_ packed: Packed, on place: String) throws {
    let answer = packed.outcome.answer
    #expect(answer.answer == .fits && packed.outcome.folder == packed.folder)
    let smoke = try #require(answer.smoke)
    // Four samples and 64 generated inputs.
    #expect(smoke.on == place && smoke.byteEqual && smoke.cases == 68 && smoke.casesEqual == 68 && smoke.maxDifference == 0)
    #expect(smoke.arenaHighWater == answer.arena.bytes && answer.arena.bytes >= answer.arena.lowerBound)

    let text = String(decoding: try packed.bytes("report.json"), as: UTF8.self)
    #expect(SchemaValidator.faults(try JSONValue(text), SchemaValidator.reportSchema) == [])
    #expect(text == (try JSONText.encode(answer)) + "\n")
    for file in answer.files { #expect(try packed.bytes(file.path).count == file.bytes, "\(file.path)") }
    let files = try snapshot(packed.folder)
    #expect(Set(files.keys) == Set(answer.files.map(\.path)).union(["report.json", "SHA256SUMS"]))
    let sums = try FinishedProcess.run(
      ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], in: URL(fileURLWithPath: packed.folder))
    #expect(sums.exitCode == 0, "\(sums.outputText)")
    // Nothing in a build tells where it was made.
    let home = Data(packed.files.folder.path.utf8)
    for (name, content) in files { #expect(content.range(of: home) == nil, "\(name) names the folder it was made in") }
  }

  @Test func replayingThePlanGivesTheSameBuild() async throws {
    let packed = try await Packs.native.value
    var request = packed.files.request("native", output: "replayed")
    request.plan = packed.folder + "/plan.json"
    // The plan alone decides, so these must change nothing.
    request.ranges = .minmax
    request.recipe.calibrationSamples = 3
    let outcome = try await pack(request) { _ in }
    #expect(repeatable(try snapshot(outcome.folder)) == repeatable(try snapshot(packed.folder)))
  }

  @Test func aSecondRunGivesTheSameBytesAndForceKeepsForeignFiles() async throws {
    let packed = try await Packs.native.value
    var request = packed.files.request("native", output: "again")
    try FileManager.default.createDirectory(atPath: request.output + "/best", withIntermediateDirectories: true)
    for name in ["notes.txt", "best/photo.txt"] { try "mine".write(toFile: request.output + "/" + name, atomically: true, encoding: .utf8) }
    request.force = true
    request.emit = [.program, .hls]
    let again = try snapshot(try await pack(request) { _ in }.folder)
    let first = try snapshot(packed.folder)
    for name in ["spotter", "spotter.epk", "plan.json", "build.json", "golden/input0.npy", "golden/output3.npy", "source/Network.swift"] {
      #expect(again[name] != nil && again[name] == first[name], "\(name)")
    }
    #expect(again["notes.txt"] == Data("mine".utf8) && again["best/photo.txt"] == Data("mine".utf8))

    let sources = again.keys.filter { $0.hasPrefix("hls/") && $0.hasSuffix(".c") }.map { String($0.dropFirst(4)) }
    #expect(sources.count == 2)
    let compiled = try FinishedProcess.run(
      ["clang", "-std=c11", "-Wall", "-Wextra", "-Werror", "-o", "bench"] + sources, in: URL(fileURLWithPath: request.output + "/hls"))
    #expect(compiled.exitCode == 0, "\(compiled.errorText)")
  }

  @Test func whatDoesNotFitGoesBesideTheEarlierBuild() async throws {
    let packed = try await Packs.native.value
    var request = packed.files.request("native", output: "small")
    try FileManager.default.copyItem(atPath: packed.folder, toPath: request.output)
    let before = try snapshot(request.output)
    request.budget.flash = "1KiB"
    let outcome = try await pack(request) { _ in }
    #expect(outcome.answer.answer == .doesNotFit && outcome.folder == request.output + "/best")
    let after = try snapshot(request.output)
    #expect(after.filter { !$0.key.hasPrefix("best/") } == before)
    #expect(after["best/spotter"] == before["spotter"] && after["best/report.json"] != nil)
    // The next build that fits removes what did not.
    request.budget.flash = nil
    request.plan = request.output + "/plan.json"
    _ = try await pack(request) { _ in }
    #expect(repeatable(try snapshot(request.output)) == repeatable(before))
  }

  @Test func aPlanThatCannotBeUsedLeavesTheEarlierBuildAlone() async throws {
    let packed = try await Packs.native.value
    var request = packed.files.request("native", output: "build")
    let before = try snapshot(packed.folder)
    let text = String(decoding: try packed.bytes("plan.json"), as: UTF8.self)
    for (name, content, code) in [
      ("torn", String(text.dropLast(40)), DiagnosticCode.corruptPlan), ("empty", "", .corruptPlan),
      ("typed", text.replacing("\"weightBits\" : 8", with: "\"weightBits\" : \"eight\""), .corruptPlan),
      ("scaled", text.replacing(/"zeroPoint" : -?\d+/, with: "\"zeroPoint\" : 1000"), .corruptPlan),
      ("other", text.replacing(/"model" : "[0-9a-f]{8}/, with: "\"model\" : \"00000000"), .planMismatch),
      ("renamed", text.replacing("\"fc\"", with: "\"fd\""), .planMismatch),
    ] {
      let path = packed.files.folder.file(name + ".json")
      try content.write(toFile: path, atomically: true, encoding: .utf8)
      request.plan = path
      let diagnostics = await faults(request)
      #expect(!diagnostics.isEmpty && diagnostics.allSatisfy { $0.code == code }, "\(name): \(diagnostics)")
    }
    request.plan = packed.files.folder.file("none.json")
    #expect(await faults(request).map(\.code) == [.fileNotFound])
    #expect(try snapshot(packed.folder) == before)
  }
}

extension PackProcessTests {
  @Test func aLayerThatStaysFloatIsNamedAndItsProgramIsProven() async throws {
    let packed = try await Packs.native.value
    let layer = try #require(packed.outcome.answer.layers.last { $0.bits == 8 }).name
    var request = packed.files.request("native", output: "float layer")
    request.recipe.floatLayers = [layer]
    let answer = try await pack(request) { _ in }.answer
    #expect(answer.smoke?.byteEqual == true && answer.smoke?.cases == 68)
    let row = try #require(answer.layers.first { $0.name == layer })
    #expect(row.bits == 32 && row.floatReason == "asked for" && row.floatGainDb == nil)
    let warning = try #require(answer.warnings.first { $0.code == .floatLayer })
    #expect(warning.message.hasPrefix("\(layer) stays float: asked for"))
    // What every other layer costs was measured.
    #expect(answer.layers.allSatisfy { $0.bits != 8 || $0.floatGainDb != nil })
  }
}
