import Crypto
import Diagnostics
import Foundation
import Report
import Targets

/// SHA-256 of a file, in hexadecimal digits.
/// - Throws: `file-unreadable`.
func hash(ofFile path: String) throws(Failure) -> String {
  guard let data = FileManager.default.contents(atPath: path) else {
    throw Failure(.fileUnreadable, "\(path) cannot be read", at: Location(file: path))
  }
  return hexadecimal(SHA256.hash(data: data))
}

/// SHA-256 of everything that a profile says.
func hash(of profile: TargetProfile) throws(Failure) -> [UInt8] {
  Array(SHA256.hash(data: Data(try JSONText.encode(profile, pretty: false).utf8)))
}

/// Two digits a byte.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// The bytes that `hexadecimal` wrote.
/// - Throws: `internal-error` for other text.
func bytes(ofHexadecimal text: String) throws(Failure) -> [UInt8] {
  let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
  guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { throw Failure(.internalError, "\(text) is no hash") }
  return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
