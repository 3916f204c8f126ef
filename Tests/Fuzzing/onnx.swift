import Diagnostics
import ModelFormats
import ModelGraph

/// A model is imported and simplified, or refused.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzModel(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  do throws(Failure) {
    var graph = try ONNXImporter.load(path: FuzzedFile.path(data, count, "m.onnx")).graph
    _ = try Pipeline.simplify.run(&graph)
  } catch {
    precondition(!error.diagnostics.contains { $0.code == .internalError }, error.diagnostics[0].message)
  }
  return 0
}
