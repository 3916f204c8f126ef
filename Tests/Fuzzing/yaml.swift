import Diagnostics
import Targets

/// A target profile is read, or refused.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzProfile(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  do throws(Failure) { _ = try ProfileReader.read(file: FuzzedFile.path(data, count, "m.yaml")) } catch {
    precondition(!error.diagnostics.contains { $0.code == .internalError }, error.diagnostics[0].message)
  }
  return 0
}
