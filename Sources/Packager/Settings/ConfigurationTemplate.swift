import Diagnostics
import Foundation
import Report
import Targets

/// The configuration file that `edgepack init` writes: what every pack needs, and all else as comments.
public struct ConfigurationTemplate: Sendable {
  public var model: String
  public var data: String
  public var target: String

  /// Takes the model and the data from the folder, where there is only one file that can be meant.
  public init(folder: String) {
    let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    let models = files.filter { $0.hasSuffix(".onnx") }
    let data = files.filter { $0.hasSuffix(".npz") }
    model = models.count == 1 ? models[0] : PackSetting.model.example
    self.data = data.count == 1 ? data[0] : data.first { $0.contains("train") } ?? PackSetting.data.example
    target = PackSetting.target.example
  }

  public var text: String {
    var lines = [
      "# What `edgepack` packs in this folder. Every key is a flag of `edgepack pack` with",
      "# _ in place of -; a flag counts before this file. Paths are relative to this file.", "",
    ]
    for setting in PackSetting.allCases {
      let value: String? =
        switch setting {
        case .model: model
        case .data: data
        case .target: target
        default: nil
        }
      let line = "\(value == nil ? "# " : "")\(setting.key): \(value.map(Self.quoted) ?? setting.example)"
      lines.append("\(line)\(String(repeating: " ", count: max(2, 34 - line.count)))# \(setting.summary)")
    }
    lines += [
      "", "# Named overrides: one run each into OUTPUT/NAME, and one table at the end.", "# variants:", "#   small: { max_ram: 128 KiB }",
      "#   board: { target: ./my-board.yaml }", "",
    ]
    return lines.joined(separator: "\n")
  }

  /// Quotes what YAML would read as something else.
  private static func quoted(_ text: String) -> String {
    let isPlain = text.allSatisfy { $0.isLetter || $0.isNumber || "._-/".contains($0) } && text.first.map { $0 != "-" } ?? false
    return isPlain ? text : "'\(text.replacing("'", with: "''"))'"
  }

  /// - Throws: `foreign-folder` if there is such a file and `force` is not set, `folder-unwritable`.
  public func write(to path: String, force: Bool) throws(Failure) {
    guard force || !FileManager.default.fileExists(atPath: path) else {
      throw Failure(
        .foreignFolder, "\(path) is there already", at: Location(file: path), hint: "--force writes over it, -o FILE writes another one")
    }
    do { try text.write(toFile: path, atomically: true, encoding: .utf8) } catch {
      throw Failure(.folderUnwritable, "\(path) cannot be written: \(error.localizedDescription)", at: Location(file: path))
    }
  }

  public func json(writtenTo path: String) throws(Failure) -> String { try JSONText.encode(Document(file: path)) }

  private struct Document: Encodable {
    var schema = Answer.schemaVersion
    var file: String
  }
}
