import DeviceCompiler
import DeviceKernels
import Diagnostics

/// Emits one convolution of a program as C11 for high-level synthesis: top function, constants, the header of the bridge, a test bench
/// and a script for Vitis HLS. The C computes the same bytes as `Portable.convolutionInt8`.
/// - Parameter step: An index into `program.steps`; its kind must be `.convolution` (grouped or not).
/// - Throws: `unsupported-operator` for another kind of step; `multiplier-range` or `accumulator-overflow` if the layer is outside what
///   the integer requantizer computes exactly. Both are thrown together if both hold.
public func emitConvolution(_ program: LoweredProgram, step: Int) throws(Failure) -> HLSDesign {
  precondition(program.steps.indices.contains(step), "the program has no such step")
  let layer = program.steps[step]
  guard case .convolution(let shape, let variant, let sections) = layer.kind, let block = layer.weights else {
    throw Failure(
      .unsupportedOperator, "layer \(layer.name) cannot be offloaded: only convolutions are emitted as HLS C",
      hint: "name a convolution; edgepack inspect lists the layers")
  }
  let constants = ConvolutionConstants(program.weights[block.index], shape, variant: variant, sections: sections)
  let source = ConvolutionSource(
    name: "\(program.name)_\(layer.name.asIdentifierPart)", layer: layer.name, shape: shape, constants: constants,
    multipliers: try constants.integerMultipliers(layer: layer.name))
  return HLSDesign(
    name: source.name,
    files: [
      HLSDesign.File(name: "\(source.name).h", contents: source.header),
      HLSDesign.File(name: "\(source.name)_constants.h", contents: source.constantTables),
      HLSDesign.File(name: "\(source.name).c", contents: source.implementation),
      HLSDesign.File(name: "testbench.c", contents: source.testbench),
      HLSDesign.File(name: "run.tcl", contents: source.script),
      HLSDesign.File(name: "hls_bridge.h", contents: String(decoding: PackageResources.hls_bridge_h, as: UTF8.self)),
    ])
}

extension String {
  /// The text with everything that a C identifier cannot hold replaced by `_`.
  fileprivate var asIdentifierPart: String {
    String(map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
  }
}
