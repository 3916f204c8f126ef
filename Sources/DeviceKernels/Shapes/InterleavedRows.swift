/// The scratch of depthwise kernels that lay the bytes of four rows of taps side by side: a vector of padding, then for each four rows of
/// the window a line of words, `[column of the padded input][channel]`.
struct InterleavedRows {
  /// Fours of rows of taps.
  let groups: Int
  /// Words of the padded columns that some window reads.
  let usedWords: Int
  /// From one line to the next: whole vectors may overshoot, and so may a row's last pixels.
  let lineBytes: Int
  let bytes: Int

  @inline(__always) init(_ shape: ConvolutionShape) {
    groups = (shape.kernelHeight &+ 3) / 4
    usedWords = ((shape.outputWidth &- 1) &* shape.strideX &+ (shape.kernelWidth &- 1) &* shape.dilationX &+ 1) &* shape.inputChannels
    lineBytes = (usedWords &* 4 &+ StagedRows.vector &- 1) & ~(StagedRows.vector &- 1) &+ StagedRows.vector
    bytes = StagedRows.vector &+ groups &* lineBytes &+ 3 &* shape.strideX &* shape.inputChannels &* 4 &+ StagedRows.vector
  }
}
