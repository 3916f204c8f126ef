import Deployment
import Diagnostics
import Foundation
import Report

/// The answer that a build folder holds; where it holds no build that fits, that of the best try.
/// - Throws: `not-a-build`.
public func buildReport(_ path: String) throws(Failure) -> Answer {
  let folder = try BuildFolder(path: path)
  let file = folder.url.appendingPathComponent("report.json")
  guard let data = FileManager.default.contents(atPath: file.path) else {
    throw Failure(.notABuild, "\(path) holds no report.json", at: Location(file: path), hint: "pack the model again")
  }
  return try JSONText.decode(Answer.self, from: String(decoding: data, as: UTF8.self), file: file.path)
}

/// What the user asked to be explained.
/// - Parameter words: an axis, a code or a layer, and a build folder, in either order; the folder is `build` if it is not named.
/// - Throws: `usage` for a word that is none of these, `not-a-build`.
public func explain(_ words: [String]) throws(Failure) -> Explanation {
  if words.count == 1, let code = DiagnosticCode(rawValue: words[0]) { return Explanation(code) }
  let (folder, subject) = try split(words)
  let answer: Answer
  do throws(Failure) { answer = try buildReport(folder) } catch {
    // A lone word that was meant to be a code should not be told about folders only.
    guard words.count == 1, let near = nearestMatch(to: subject, among: DiagnosticCode.allCases.map(\.rawValue)) else { throw error }
    throw Failure(.usage, "`\(subject)` is no error code, and \(folder) is no build", hint: "did you mean `edgepack explain \(near)`?")
  }
  if let axis = Answer.Axis.Name(rawValue: subject.lowercased()) { return Explanation(axis, of: answer) }
  return try Explanation(layer: subject, of: answer)
}

private func split(_ words: [String]) throws(Failure) -> (folder: String, subject: String) {
  switch words.count {
  case 1: return ("build", words[0])
  case 2:
    // The one that is a folder is the build; an axis is one only by accident.
    let isFolder = words.map { word in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: word, isDirectory: &isFolder) && isFolder.boolValue
    }
    return isFolder[1] && !isFolder[0] ? (words[1], words[0]) : (words[0], words[1])
  default:
    throw Failure(.usage, "explain takes an axis, a layer or a code, and a build", hint: "edgepack explain build/ ram")
  }
}
