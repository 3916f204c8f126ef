// The C face of the kernels when they are compiled into a shared object for the host twin: one function an operation, which picks the
// instruction set at run time. Emitted programs call the kernels directly.
#if EDGEPACK_SHARED_OBJECT

/// An answer that no kernel computed must not look like one. `HostTwin` refuses such programs before.
private func lacksInstructionSet() -> Never {
  preconditionFailure("the program was lowered for an instruction set that this object was compiled without")
}

@c(edgepack_convolution)
public func convolutionEntry(_ call: UnsafeRawPointer, _ shape: UnsafeRawPointer) {
  let call = call.load(as: KernelCall.self)
  let shape = shape.load(as: ConvolutionShape.self)
  let weights = call.weights.assumingMemoryBound(to: Int8.self)
  switch call.instructionSet {
  case .portable:
    Portable.convolutionInt8(call.input, weights, call.biases, call.multipliers, call.output, call.scratch, shape, call.tile)
  case .neon:
    #if arch(arm64)
    Neon.convolutionInt8(call.input, weights, call.biases, call.multipliers, call.output, call.scratch, shape, call.tile)
    #else
    lacksInstructionSet()
    #endif
  case .avx2:
    #if EDGEPACK_AVX2
    Avx2.convolutionInt8(call.input, weights, call.biases, call.multipliers, call.output, call.scratch, shape, call.tile)
    #else
    lacksInstructionSet()
    #endif
  case .avx512:
    #if EDGEPACK_AVX512
    Avx512.convolutionInt8(call.input, weights, call.biases, call.multipliers, call.output, call.scratch, shape, call.tile)
    #else
    lacksInstructionSet()
    #endif
  }
}

@c(edgepack_depthwise_convolution)
public func depthwiseConvolutionEntry(_ call: UnsafeRawPointer, _ shape: UnsafeRawPointer) {
  let call = call.load(as: KernelCall.self)
  let shape = shape.load(as: ConvolutionShape.self)
  let weights = call.weights.assumingMemoryBound(to: Int8.self)
  switch call.instructionSet {
  case .portable:
    Portable.depthwiseConvolutionInt8(call.input, weights, call.biases, call.multipliers, call.output, call.scratch, shape)
  case .neon:
    #if arch(arm64)
    Neon.depthwiseConvolutionInt8(call.input, weights, call.biases, call.multipliers, call.output, call.scratch, shape)
    #else
    lacksInstructionSet()
    #endif
  case .avx2:
    #if EDGEPACK_AVX2
    Avx2.depthwiseConvolutionInt8(call.input, weights, call.biases, call.multipliers, call.output, call.scratch, shape)
    #else
    lacksInstructionSet()
    #endif
  case .avx512:
    #if EDGEPACK_AVX512
    Avx512.depthwiseConvolutionInt8(call.input, weights, call.biases, call.multipliers, call.output, call.scratch, shape)
    #else
    lacksInstructionSet()
    #endif
  }
}

@c(edgepack_matmul)
public func matmulEntry(_ call: UnsafeRawPointer, _ shape: UnsafeRawPointer) {
  let call = call.load(as: KernelCall.self)
  let shape = shape.load(as: MatmulShape.self)
  let weights = call.weights.assumingMemoryBound(to: Int8.self)
  switch call.instructionSet {
  case .portable:
    Portable.matmulInt8(call.input, weights, call.biases, call.multipliers, call.output, call.scratch, shape, call.tile)
  case .neon:
    #if arch(arm64)
    Neon.matmulInt8(call.input, weights, call.biases, call.multipliers, call.output, call.scratch, shape, call.tile)
    #else
    lacksInstructionSet()
    #endif
  case .avx2:
    #if EDGEPACK_AVX2
    Avx2.matmulInt8(call.input, weights, call.biases, call.multipliers, call.output, call.scratch, shape, call.tile)
    #else
    lacksInstructionSet()
    #endif
  case .avx512:
    #if EDGEPACK_AVX512
    Avx512.matmulInt8(call.input, weights, call.biases, call.multipliers, call.output, call.scratch, shape, call.tile)
    #else
    lacksInstructionSet()
    #endif
  }
}

@c(edgepack_convolution_float32)
public func floatConvolutionEntry(_ call: UnsafeRawPointer, _ shape: UnsafeRawPointer) {
  let call = call.load(as: KernelCall.self)
  Portable.convolutionFloat32(
    call.input, call.weights.assumingMemoryBound(to: Float.self), call.multipliers, call.output, call.scratch,
    shape.load(as: ConvolutionShape.self))
}

@c(edgepack_add)
public func addEntry(_ call: UnsafeRawPointer, _ shape: UnsafeRawPointer) {
  let call = call.load(as: KernelCall.self)
  Portable.addInt8(call.input, call.secondInput, call.output, shape.load(as: AddShape.self))
}

@c(edgepack_maximum_pool)
public func maximumPoolEntry(_ call: UnsafeRawPointer, _ shape: UnsafeRawPointer) {
  let call = call.load(as: KernelCall.self)
  Portable.maximumPoolInt8(call.input, call.output, shape.load(as: PoolingShape.self))
}

@c(edgepack_average_pool)
public func averagePoolEntry(_ call: UnsafeRawPointer, _ shape: UnsafeRawPointer) {
  let call = call.load(as: KernelCall.self)
  Portable.averagePoolInt8(call.input, call.multipliers, call.output, shape.load(as: PoolingShape.self))
}

@c(edgepack_softmax)
public func softmaxEntry(_ call: UnsafeRawPointer, _ shape: UnsafeRawPointer) {
  let call = call.load(as: KernelCall.self)
  Portable.softmaxInt8(call.input, call.weights.assumingMemoryBound(to: UInt32.self), call.output, shape.load(as: SoftmaxShape.self))
}

@c(edgepack_lookup)
public func lookupEntry(_ call: UnsafeRawPointer, _ count: UnsafeRawPointer) {
  let call = call.load(as: KernelCall.self)
  Portable.lookupInt8(call.input, call.weights.assumingMemoryBound(to: Int8.self), call.output, count: count.load(as: Int.self))
}

@c(edgepack_strided_copy)
public func stridedCopyEntry(_ call: UnsafeRawPointer, _ shape: UnsafeRawPointer) {
  let call = call.load(as: KernelCall.self)
  Portable.stridedCopyInt8(call.input, call.output, shape.load(as: StridedCopyShape.self))
}

#endif
