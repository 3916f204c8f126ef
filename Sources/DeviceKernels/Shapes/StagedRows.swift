/// The scratch of kernels that copy the input rows of a window before they multiply: a ring of lines with padding in place, each byte as
/// the kernel wants it, and behind them room for the patches of `block` pixels.
///
/// Rows and columns are counted in the padded input: output pixel (r, c) reads from row `r · strideY` and column `c · strideX` on.
struct StagedRows {
  /// Lines that all rows of a window need at once, `(Kh − 1) · dilation + 1`.
  let lines: Int
  /// Bytes of the padded columns that some window reads.
  let usedBytes: Int
  /// From one line to the next: copies in whole vectors may overshoot.
  let lineBytes: Int
  /// Whether windows are multiplied where they lie: each of their rows is one run of bytes. Else they are gathered into patches.
  let isDirect: Bool
  /// From one patch to the next.
  let patchBytes: Int
  /// Where the patches begin.
  var patchOffset: Int { lines &* lineBytes }
  let bytes: Int

  /// Bytes of one vector.
  static let vector = 64
  /// Pixels that are multiplied together at the least; a row's last ones may be past its end.
  private static let pixels = 4

  @inline(__always) init(_ shape: ConvolutionShape, block: Int) {
    lines = (shape.kernelHeight &- 1) &* shape.dilationY &+ 1
    usedBytes =
      ((shape.outputWidth &- 1) &* shape.strideX &+ (shape.kernelWidth &- 1) &* shape.dilationX &+ 1) &* shape.inputChannels
    lineBytes = (usedBytes &+ StagedRows.vector &- 1) & ~(StagedRows.vector &- 1) &+ StagedRows.vector
    isDirect = shape.groups == 1 && shape.dilationX == 1
    patchBytes = (shape.patchDepth &+ 3) & ~3
    let overshoot = isDirect ? StagedRows.pixels &* shape.strideX &* shape.inputChannels : block &* patchBytes
    bytes = lines &* lineBytes &+ overshoot &+ StagedRows.vector
  }
}
