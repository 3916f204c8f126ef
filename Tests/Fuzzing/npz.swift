import Diagnostics
import ModelFormats

/// Samples and labels are read, or refused.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzData(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  do throws(Failure) {
    let set = try DataSet.load(path: FuzzedFile.path(data, count, "m.npz"), input: nil, label: nil, scale: nil, offset: nil)
    _ = (set.floats(0..<1), set.sampleBytes(set.count - 1), set.integerLabels, set.subset([0]))
  } catch {
    precondition(!error.diagnostics.contains { $0.code == .internalError }, error.diagnostics[0].message)
  }
  return 0
}
