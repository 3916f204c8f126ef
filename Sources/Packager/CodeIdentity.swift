import Crypto
import DeviceCompiler
import Diagnostics
import Foundation

/// What computes the stages: a saved stage is used only by the very code that saved it.
enum CodeIdentity {
  /// Raised when saved stages of earlier versions must not be used although nothing else tells them apart.
  private static let format = 1

  /// The running executable, the device sources beside it, and the compilers, which all decide what a build's bytes are.
  /// - Throws: `file-unreadable`, and `missing-tool` without a toolchain.
  static func current() throws(Failure) -> String {
    "\(format) \(try executableHash.get()) \(try deviceToolsIdentity())"
  }

  /// It does not change while it runs, and is large.
  private static let executableHash: Result<String, Failure> = {
    do throws(Failure) { return .success(try hash(ofFile: executable())) } catch { return .failure(error) }
  }()

  /// The file that this code was loaded from: the program, or in tests the library that holds it.
  private static func executable() -> String {
    let here = UInt(bitPattern: #dsohandle)
    // One line a mapping: first-last permissions offset device inode path.
    for line in ((try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8)) ?? "").split(separator: "\n") {
      let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
      let range = fields.first?.split(separator: "-").compactMap { UInt($0, radix: 16) } ?? []
      guard range.count == 2, fields.count == 6, range[0] <= here, here < range[1] else { continue }
      return fields[5].trimmingCharacters(in: .whitespaces)
    }
    return "/proc/self/exe"
  }
}
