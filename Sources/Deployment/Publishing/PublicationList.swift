import Diagnostics
import Foundation

/// What is left to do until a build lies in its place: saved before the first file is moved, removed after the last. Completing it twice
/// does no harm, so it can be taken up after a kill at any point.
struct PublicationList: Codable, Hashable {
  /// Raised when the meaning of a field changes.
  static let currentSchema = 1
  private static let file = Publication.workingFolder + "/publish.json"

  var schema = Self.currentSchema
  /// `best`, or empty for the result folder itself.
  var destination: String
  /// Files that move from the staging folder to the destination under the same relative path.
  var files: [String]
  /// Files of the earlier build that the new one lacks, relative to the result folder.
  var removed: [String]

  init(destination: String, files: [String], removed: [String]) {
    self.destination = destination
    self.files = files
    self.removed = removed
  }

  /// Nil if nothing was begun. The file is written whole or not at all, so one that is no list was not written by edgepack.
  static func load(_ folder: String) -> PublicationList? {
    guard let data = FileManager.default.contents(atPath: folder + "/" + file),
      let list = try? JSONDecoder().decode(PublicationList.self, from: data), list.schema == currentSchema,
      list.destination.isEmpty || list.destination == Publication.bestFolder,
      (list.files + list.removed).allSatisfy(BuildFiles.staysInside)
    else { return nil }
    return list
  }

  func save(_ folder: String, _ changes: FolderChanges) throws(Failure) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let content = try? encoder.encode(self) else { throw Failure(.internalError, "a list of files is no JSON") }
    try changes.write(content, to: folder + "/" + Self.file)
  }

  func complete(_ folder: String, _ changes: FolderChanges) throws(Failure) {
    let target = destination.isEmpty ? folder : folder + "/" + destination
    for file in files {
      let staged = folder + "/" + Publication.stagingFolder + "/" + file
      // One that is gone was moved before.
      guard FileManager.default.fileExists(atPath: staged) else { continue }
      let parent = (target + "/" + file as NSString).deletingLastPathComponent
      if !FileManager.default.fileExists(atPath: parent) { try changes.makeFolder(parent) }
      try changes.move(staged, to: target + "/" + file)
    }
    for path in removed {
      try changes.removeFile(folder + "/" + path)
      var parent = (path as NSString).deletingLastPathComponent
      while !parent.isEmpty {
        try changes.removeFolderIfEmpty(folder + "/" + parent)
        parent = (parent as NSString).deletingLastPathComponent
      }
    }
    try changes.removeTree(folder + "/" + Publication.stagingFolder)
    try changes.removeFile(folder + "/" + Self.file)
  }
}
