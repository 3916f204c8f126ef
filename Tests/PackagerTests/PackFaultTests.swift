import Diagnostics
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Packager

/// Requests that are refused before any other program starts.
struct PackFaultTests {
  private let files = PackFiles(channels: 4)

  @Test func allFaultsOfTheInputsAreReportedTogether() async {
    var request = files.request("arm64-512", output: "build")
    request.data = files.folder.file("nothing.npz")
    #expect(await faults(request).map(\.code) == [.unknownTarget, .fileNotFound])
    request.target = "native"
    request.model = files.folder.file("nothing.onnx")
    request.budget.flash = "many"
    #expect(await faults(request).map(\.code) == [.invalidQuantity, .fileNotFound, .fileNotFound])
  }

  @Test func dataThatDoNotMatchTheModelAreRefusedWithBothShapes() async {
    var request = files.request("native", output: "build")
    request.data = files.folder.file("turned.npz")
    writeSamples([30, 10, 49], to: request.data)
    let diagnostics = await faults(request)
    #expect(diagnostics.map(\.code) == [.shapeMismatch])
    #expect(diagnostics.first?.details.first?.contains("[30, 10, 49]") == true)
    // The validation data are looked at too.
    request = files.request("native", output: "build")
    request.validation = files.folder.file("turned.npz")
    #expect(await faults(request).map(\.code) == [.shapeMismatch])
  }

  @Test func moreThreadsThanTheTargetHasCoresAreRefused() async {
    var request = files.request("arm64-512mb", output: "build")
    for threads in [0, 5] {
      request.threads = threads
      let diagnostics = await faults(request)
      #expect(diagnostics.map(\.code) == [.usage])
      #expect(diagnostics.first?.message == "--threads \(threads) does not suit arm64-512mb, which has 4 cores for threads")
      #expect(diagnostics.first?.hint == "--threads 1 to --threads 4")
    }
    request = files.request("mps2-an386", output: "build")
    request.threads = 2
    #expect(await faults(request).first?.message == "--threads 2 does not suit mps2-an386, which has one core for threads")
  }

  @Test func threadsForALibraryAreRefused() async {
    var request = files.request("arm64-512mb", output: "build")
    request.emit = [.library]
    request.threads = 2
    #expect(await faults(request).map(\.message) == ["--threads 2 does not suit --emit library: a library starts no threads"])
  }

  @Test func unsupportedOperatorsAreListedAllAtOnce() async {
    var model = ONNXModelBuilder()
    var x = model.input("x", ["N", 1, 49, 10])
    x = model.node("GridSample", [x, x], name: "warp")
    x = model.node("NonZero", [x], name: "find")
    model.output(model.node("Relu", [x]))
    var request = files.request("native", output: "build")
    request.model = model.write(to: files.folder, as: "strange.onnx")
    let diagnostics = await faults(request)
    #expect(diagnostics.map(\.code) == [.unsupportedOperator])
    let text = diagnostics.flatMap { [$0.message] + $0.details }.joined(separator: "\n")
    #expect(text.contains("GridSample") && text.contains("NonZero"))
  }

  @Test func foreignFoldersAndFilesAreNotWrittenTo() async throws {
    let request = files.request("native", output: "home")
    try FileManager.default.createDirectory(atPath: request.output, withIntermediateDirectories: true)
    try "mine".write(toFile: request.output + "/diary.txt", atomically: true, encoding: .utf8)
    let diagnostics = await faults(request)
    #expect(diagnostics.map(\.code) == [.foreignFolder])
    #expect(diagnostics.first?.details == ["diary.txt"] && diagnostics.first?.hint?.contains("--force") == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: request.output) == ["diary.txt"])

    var onFile = request
    onFile.output = request.output + "/diary.txt"
    #expect(await faults(onFile).map(\.code) == [.folderUnwritable])
    onFile.output = "/proc/edgepack"
    #expect(await faults(onFile).map(\.code) == [.folderUnwritable])
  }

  @Test func unknownWordsAreReportedTogetherBeforeAnythingIsComputed() async {
    var request = files.request("native", output: "build")
    request.metric = "beauty"
    request.proof = "moon"
    request.plan = files.folder.file("nothing.json")
    #expect(await faults(request).map(\.code) == [.fileNotFound, .usage, .usage])
  }

  @Test func modelsOfSeveralInputsOrOutputsAreRefusedWithTheirNames() async {
    var model = ONNXModelBuilder()
    let inputs = [model.input("left", ["N", 8]), model.input("right", ["N", 8])]
    model.output(model.node("Add", inputs, outputs: ["sum"]))
    model.output(model.node("Sub", inputs, outputs: ["difference"]))
    var request = files.request("native", output: "build")
    request.model = model.write(to: files.folder, as: "twofold.onnx")
    let diagnostics = await faults(request)
    #expect(diagnostics.map(\.code) == [.unsupportedOperator, .unsupportedOperator])
    #expect(diagnostics.map { $0.details.count } == [2, 2])
  }

  @Test func aPackThatFailsLeavesNothingBehind() async throws {
    var request = files.request("native", output: "fresh")
    request.metric = "top1"
    #expect(await faults(request).map(\.code) == [.missingArray])
    #expect(!FileManager.default.fileExists(atPath: request.output))
    try FileManager.default.createDirectory(atPath: request.output, withIntermediateDirectories: true)
    #expect(await faults(request).map(\.code) == [.missingArray])
    #expect(try FileManager.default.contentsOfDirectory(atPath: request.output) == [])
  }

  @Test func operatorsWithoutAnIntegerKernelAreRefusedBeforeAnythingIsMeasured() async {
    var model = ONNXModelBuilder()
    let x = model.input("x", ["N", 1, 49, 10])
    model.output(model.node("Mul", [x, model.node("Sigmoid", [x])], name: "gate"))
    var request = files.request("native", output: "build")
    request.model = model.write(to: files.folder, as: "gated.onnx")
    // Without labels this would be found while measuring.
    request.metric = "top1"
    let diagnostics = await faults(request)
    #expect(diagnostics.map(\.code) == [.unsupportedOperator])
    #expect(diagnostics.first?.message.hasPrefix("Mul gate has no integer form") == true)
  }

  @Test func fewSamplesAreWarnedOf() async throws {
    var request = files.request("native", output: "build")
    request.metric = "top1"
    let warnings = Mutex<[Diagnostic]>([])
    do throws(Failure) {
      _ = try await pack(request) { event in if case .diagnostic(let diagnostic) = event { warnings.withLock { $0.append(diagnostic) } } }
    } catch { #expect(error.diagnostics.map(\.code) == [.missingArray]) }
    let warning = try #require(warnings.withLock { $0 }.first { $0.code == .fewSamples })
    #expect(warning.severity == .warning && warning.message.contains("only 32 samples"))
  }

  @Test func passesAreWrittenInTheirOrder() async throws {
    var request = files.request("native", output: "build")
    request.passDumps = files.folder.file("passes")
    // Known, but there are no labels: found when the simplified model is measured.
    request.metric = "top1"
    _ = await faults(request)
    let names = try FileManager.default.contentsOfDirectory(atPath: files.folder.file("passes"))
    #expect(names.count > 5 && names.allSatisfy { $0.hasSuffix(".txt") } && names.contains { $0.contains("fold-batch-normalization") })
  }
}
