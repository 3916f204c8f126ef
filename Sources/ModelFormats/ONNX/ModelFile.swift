import Diagnostics
import Foundation
import SwiftProtobuf

/// A decoded `.onnx` file and what its messages need: the file's name and its standard operators' version.
struct ModelFile {
  /// As the user named it.
  let path: String
  /// In bytes.
  let size: Int
  let proto: ONNXModelProto
  /// Version of the standard operator set.
  let opset: Int

  /// Opset 7 brought today's broadcasting; before it, Add and Mul mean something else.
  static let supportedOpsets = 7...25

  /// - Throws: `file-not-found`, `file-unreadable`, `corrupt-model` or `unsupported-opset`.
  init(path: String) throws(Failure) {
    let file = try InputFile(path: path)
    guard let bytes = try file.bytes(at: 0, count: file.size) else {
      throw Failure(.fileUnreadable, "\(path) changes while it is read", at: Location(file: path))
    }
    let location = Location(file: path)
    let hint = "copy or export the file again; `onnx.checker.check_model` says more"
    do { proto = try ONNXModelProto(serializedBytes: bytes) } catch {
      throw Failure(.corruptModel, "\(fileName(path)) is not an ONNX model, or damaged", at: location, hint: hint)
    }
    guard proto.hasGraph, proto.irVersion > 0 else {
      throw Failure(.corruptModel, "\(fileName(path)) is not an ONNX model: it holds no graph", at: location, hint: hint)
    }
    self.path = path
    size = file.size
    opset = try Self.standardOpset(of: proto, path: path)
  }

  /// Version of an operator set; nil if the model does not import it.
  func version(ofDomain domain: String) -> Int? {
    proto.opsetImport.first { isStandard($0.domain) == isStandard(domain) && ($0.domain == domain || isStandard(domain)) }
      .map { Int($0.version) }
  }

  private static func standardOpset(of proto: ONNXModelProto, path: String) throws(Failure) -> Int {
    guard let version = proto.opsetImport.first(where: { isStandard($0.domain) })?.version else {
      // A model of other operator sets only: each of its operators is refused by name later.
      return supportedOpsets.upperBound
    }
    guard supportedOpsets.contains(Int(version)) else {
      throw Failure(
        .unsupportedOpset,
        "\(fileName(path)) uses opset \(version); \(supportedOpsets.lowerBound) to \(supportedOpsets.upperBound) are read",
        at: Location(file: path), hint: "`onnx.version_converter.convert_version(model, 17)` rewrites it")
    }
    return Int(version)
  }
}

/// Whether an operator set is ONNX's own.
func isStandard(_ domain: String) -> Bool { domain.isEmpty || domain == "ai.onnx" }
