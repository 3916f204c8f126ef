import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Targets

struct InstalledResourcesTests {
  private let folder = TemporaryFolder()

  private func place(_ path: String) throws {
    let url = URL(fileURLWithPath: folder.file(path))
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data().write(to: url)
  }

  @Test(arguments: InstalledResources.Part.allCases) func anInstallationIsUsedFromItsShare(_ part: InstalledResources.Part) throws {
    try place("share/edgepack/\(part.installedPath)")
    let found = try InstalledResources(programFolder: folder.file("bin")).path(of: part)
    #expect(found == folder.file("share/edgepack/\(part.installedPath)"))
  }

  @Test(arguments: InstalledResources.Part.allCases) func aBuildFolderHoldsThemBesideTheProgram(_ part: InstalledResources.Part) throws {
    try place("release/\(part.builtPath)")
    let found = try InstalledResources(programFolder: folder.file("release")).path(of: part)
    #expect(found == folder.file("release/\(part.builtPath)"))
  }

  @Test(arguments: InstalledResources.Part.allCases) func aProgramThatWasCopiedAloneSaysHowToInstall(_ part: InstalledResources.Part) {
    do throws(Failure) {
      _ = try InstalledResources(programFolder: folder.file("bin")).path(of: part)
      Issue.record("\(part) was found in an empty folder")
    } catch {
      #expect(error.diagnostics.map(\.code) == [.incompleteInstallation])
      #expect(error.diagnostics[0].details.count == 2)
      #expect(error.diagnostics[0].hint?.contains("make install PREFIX=\(folder.path)") == true)
    }
  }

  @Test(arguments: InstalledResources.Part.allCases) func theTestsThemselvesFindThem(_ part: InstalledResources.Part) throws {
    #expect(FileManager.default.fileExists(atPath: try InstalledResources.current.path(of: part)))
  }
}
