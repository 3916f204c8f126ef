import DeviceCompiler
import DeviceKernels
import Diagnostics
import Foundation

/// The device's kernels, compiled for this machine's CPU with the device's flags and loaded from a shared object.
///
/// The object is compiled once for each CPU level and version of the sources, and kept in the user's cache folder.
public struct HostKernels: Sendable {
  /// Instruction sets that this machine has kernels for.
  public let instructionSets: [InstructionSet]
  /// How many samples run side by side.
  public var threads: Int

  private typealias Entry = @convention(c) (UnsafeRawPointer, UnsafeRawPointer) -> Void
  private let entries: [KernelEntry: Entry]

  private enum KernelEntry: String, CaseIterable {
    case convolution = "edgepack_convolution"
    case depthwiseConvolution = "edgepack_depthwise_convolution"
    case matmul = "edgepack_matmul"
    case floatConvolution = "edgepack_convolution_float32"
    case add = "edgepack_add"
    case maximumPool = "edgepack_maximum_pool"
    case averagePool = "edgepack_average_pool"
    case softmax = "edgepack_softmax"
    case lookup = "edgepack_lookup"
    case stridedCopy = "edgepack_strided_copy"
  }

  /// Compiles the kernels if the cache lacks them, and loads them.
  /// - Throws: `missing-tool` without the Swift toolchain, `tool-failed` if it refuses, `internal-error` if the result cannot be loaded.
  public static func load(threads: Int = ProcessInfo.processInfo.activeProcessorCount) async throws(Failure) -> HostKernels {
    let level = HostLevel.current
    let path = try await emitSharedKernels(level)
    guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      throw Failure(.internalError, "the compiled kernels cannot be loaded: \(String(cString: dlerror()))")
    }
    var entries: [KernelEntry: Entry] = [:]
    for entry in KernelEntry.allCases {
      guard let symbol = dlsym(library, entry.rawValue) else {
        throw Failure(.internalError, "the compiled kernels lack \(entry.rawValue)")
      }
      entries[entry] = unsafeBitCast(symbol, to: Entry.self)
    }
    return HostKernels(instructionSets: level.instructionSets, threads: threads, entries: entries)
  }

  private func perform<Arguments>(_ entry: KernelEntry, _ call: KernelCall, _ arguments: Arguments) {
    withUnsafeBytes(of: call) { call in
      withUnsafeBytes(of: arguments) { arguments in
        entries[entry]!(call.baseAddress!, arguments.baseAddress!)
      }
    }
  }

  func convolution(_ call: KernelCall, _ shape: ConvolutionShape) { perform(.convolution, call, shape) }
  func depthwiseConvolution(_ call: KernelCall, _ shape: ConvolutionShape) { perform(.depthwiseConvolution, call, shape) }
  func matmul(_ call: KernelCall, _ shape: MatmulShape) { perform(.matmul, call, shape) }
  func floatConvolution(_ call: KernelCall, _ shape: ConvolutionShape) { perform(.floatConvolution, call, shape) }
  func add(_ call: KernelCall, _ shape: AddShape) { perform(.add, call, shape) }
  func maximumPool(_ call: KernelCall, _ shape: PoolingShape) { perform(.maximumPool, call, shape) }
  func averagePool(_ call: KernelCall, _ shape: PoolingShape) { perform(.averagePool, call, shape) }
  func softmax(_ call: KernelCall, _ shape: SoftmaxShape) { perform(.softmax, call, shape) }
  func lookup(_ call: KernelCall, _ count: Int) { perform(.lookup, call, count) }
  func stridedCopy(_ call: KernelCall, _ shape: StridedCopyShape) { perform(.stridedCopy, call, shape) }
}

extension HostLevel {
  static var current: HostLevel {
    #if arch(arm64)
    return .arm64
    #else
    let flags = processorFlags()
    if !flags.contains("avx2") { return .x86Version2 }
    return flags.isSuperset(of: ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx512_vnni"]) ? .x86Version4 : .x86Version3
    #endif
  }

  /// The best instruction set first.
  var instructionSets: [InstructionSet] {
    switch self {
    case .x86Version2: [.portable]
    case .x86Version3: [.avx2, .portable]
    case .x86Version4: [.avx512, .avx2, .portable]
    case .arm64: [.neon, .portable]
    }
  }
}

/// What Linux reports that this CPU has.
private func processorFlags() -> Set<Substring> {
  guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return [] }
  return Set(text.split(separator: "\n").first { $0.hasPrefix("flags") }?.split(separator: " ") ?? [])
}
