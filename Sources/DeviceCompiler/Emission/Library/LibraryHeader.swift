import ModelGraph

/// Prints `NAME.h`, the C interface of a library. The functions are those of `DeviceRuntime/Library/interface.c`.
struct LibraryHeader {
  let names: LibraryNames
  let program: LoweredProgram
  let facts: Facts

  /// What the lowered program does not know.
  struct Facts {
    var target: String
    var processorFlags: [String]
    var layoutHash: [UInt8]
    var weightsBytes: Int
    var alignment: LibraryAlignment
    /// Whether the library takes samples as the data set stores them.
    var takesStoredSamples: Bool
    /// Unknown while the library is being compiled.
    var stackBytes: Int?
  }

  /// Before functions and types, and before constants.
  private var f: String { names.prefix }
  private var c: String { names.constantPrefix }

  func text() -> String {
    ([opening, constants, statuses, types, opens, runs] + (facts.takesStoredSamples ? [storedRun] : []) + [otherRuns, others, closing])
      .joined(separator: "\n")
  }

  // MARK: Sections

  private var opening: String {
    """
    /*
     * \(names.header): the network "\(inComment(program.name))" as a C library, packed by edgepack for \(inComment(facts.target)).
     *
     *     static _Alignas(\(c)ARENA_ALIGNMENT) unsigned char arena[\(c)ARENA_BYTES];
     *     \(f)model model;
     *     \(f)status status = \(f)open(&model, weights, weights_bytes);     (the content of \(names.name).epk)
     *     if (status == \(c)OK) status = \(f)run(&model, arena, input, output);
     *     if (status != \(c)OK) puts(\(f)status_text(status));
     *
     * Link with \(names.archive). It needs no heap, no libc and no operating system, holds no variables, and defines no other global
     * symbols than the functions below.
     *
     * Threads: an open model is only read, so threads may share it; each run at a time needs an arena of its own.
     * Memory: the caller owns the weights, the arena, input and output. Input and output must not lie in the arena.
     * Floating point: the default environment of C is expected (rounding to nearest, subnormal numbers kept).
     * The same input gives the same bytes on every processor.\(processorNote)
     */
    #ifndef \(c)H
    #define \(c)H

    #include <stddef.h>
    #include <stdint.h>

    #ifdef __cplusplus
    extern "C" {
    #endif

    """
  }

  private var constants: String {
    let (input, output) = (program.input, program.output)
    let inputBuffer = program.buffers[input.buffer.index]
    return """
      /* Working memory of one run, and what its first byte's address must be a multiple of. */
      #define \(c)ARENA_BYTES \(program.arena.bytes + LibraryAlignment.slack)u
      #define \(c)ARENA_ALIGNMENT \(facts.alignment.arena)u

      /* The weights, \(names.name).epk: mapped, linked in, or read into memory. */
      #define \(c)WEIGHTS_BYTES \(facts.weightsBytes)u
      #define \(c)WEIGHTS_ALIGNMENT \(facts.alignment.weights)u

      /* The most stack that any function here uses, in bytes: the compiler's frames along the deepest chain of calls. */
      #define \(c)STACK_BYTES \(facts.stackBytes ?? 0)u

      /* Which build this is. The weights carry the same hash; others are refused. */
      #define \(c)LAYOUT_HASH "\(facts.layoutHash.map(hexadecimal).joined())"

      /* Input "\(inComment(input.name))" \(input.shape): elements in the order of this shape, the last axis fastest.
         real = \(c)INPUT_SCALE * (int8 - \(c)INPUT_ZERO_POINT). */
      #define \(c)INPUT_RANK \(input.shape.count)
      #define \(c)INPUT_SHAPE {\(list(input.shape))}
      #define \(c)INPUT_COUNT \(input.shape.reduce(1, *))u
      #define \(c)INPUT_SCALE \(floatLiteral(input.quantization.scale))
      #define \(c)INPUT_ZERO_POINT \(parenthesized(input.quantization.zeroPoint))

      /* Output "\(inComment(output.name))" \(output.shape): real = \(c)OUTPUT_SCALE * (int8 - \(c)OUTPUT_ZERO_POINT). */
      #define \(c)OUTPUT_RANK \(output.shape.count)
      #define \(c)OUTPUT_SHAPE {\(list(output.shape))}
      #define \(c)OUTPUT_COUNT \(output.shape.reduce(1, *))u
      #define \(c)OUTPUT_SCALE \(floatLiteral(output.quantization.scale))
      #define \(c)OUTPUT_ZERO_POINT \(parenthesized(output.quantization.zeroPoint))

      /* Where both lie in the arena, for \(f)run_in_place(). Element [0, i, j, ...] of the input is at
         arena + \(c)INPUT_OFFSET + i * strides[1] + j * strides[2] + ...; the output lies in the order of its shape. */
      #define \(c)INPUT_OFFSET \(offset(input.buffer))u
      #define \(c)INPUT_BYTES \(inputBuffer.bytes)u
      #define \(c)INPUT_STRIDES {\(list(strides))}
      #define \(c)OUTPUT_OFFSET \(offset(output.buffer))u

      """
  }

  private var statuses: String {
    let lines = LibraryStatus.allCases.map { status in
      let isLast = status == LibraryStatus.allCases.last
      let padding = String(repeating: " ", count: LibraryStatus.longestName - status.name.count + (isLast ? 2 : 1))
      return "  \(c)\(status.name) = \(status.rawValue)\(isLast ? "" : ",")\(padding)/* \(status.meaning) */"
    }
    return """
      typedef enum {
      \(lines.joined(separator: "\n"))
      } \(f)status;

      """
  }

  private var types: String {
    """
    /* A model that \(f)open() fills. Its fields belong to the library. */
    typedef struct {
      const void *weights;
      size_t weights_bytes;
      uint32_t state;
    } \(f)model;

    """
  }

  private var opens: String {
    """
    /* Opens a model on weights that stay where they are, unchanged, as long as it is used. Asks the processor for what the library was
       compiled for, and reads all weights once to verify their checksums. On failure the model is not open. Nothing needs to be closed. */
    \(f)status \(f)open(\(f)model *model, const void *weights, size_t weights_bytes);

    /* The same without reading the weights behind their header: pages of a mapped file are then read when a run first needs them.
       Damaged weights would give wrong outputs, so verify them by other means, or later with \(f)check_weights(). */
    \(f)status \(f)open_unchecked(\(f)model *model, const void *weights, size_t weights_bytes);

    /* Verifies the checksums of an open model's weights. */
    \(f)status \(f)check_weights(const \(f)model *model);

    """
  }

  private var runs: String {
    """
    /* Runs the network once on \(c)INPUT_COUNT numbers in the model's own units and gives \(c)OUTPUT_COUNT real numbers.
       Input outside of the quantized range is clamped, NaN counts as its lower end. Input and output may be the same memory. */
    \(f)status \(f)run(const \(f)model *model, void *arena, const float *input, float *output);

    """
  }

  private var storedRun: String {
    let input = program.input
    let conversion = input.elementType == .float32 ? "" : "; real = \(input.scale) * stored + \(input.offset)"
    return """
      /* One element of a sample as the packed data set stores them (\(input.elementType.rawValue)\(conversion)). */
      typedef \(cType(input.elementType)) \(f)element;

      /* The same on \(c)INPUT_COUNT stored elements; gives the int8 output. */
      \(f)status \(f)run_stored(const \(f)model *model, void *arena, const \(f)element *input, int8_t *output);

      """
  }

  private var otherRuns: String {
    """
    /* The same on \(c)INPUT_COUNT elements that are quantized already; gives the int8 output. */
    \(f)status \(f)run_quantized(const \(f)model *model, void *arena, const int8_t *input, int8_t *output);

    /* Runs on the int8 input that lies in the arena at \(c)INPUT_OFFSET, and leaves the int8 output at \(c)OUTPUT_OFFSET: nothing is
       copied. A run overwrites its input.\(paddingNote) */
    \(f)status \(f)run_in_place(const \(f)model *model, void *arena);

    """
  }

  private var others: String {
    """
    /* The \(c)OUTPUT_COUNT real numbers that an int8 output stands for. */
    void \(f)dequantize_output(const int8_t *output, float *real);

    /* Runs the cases that lie behind the weights in \(names.name).epk and compares every output with the one that edgepack computed. */
    \(f)status \(f)self_test(const \(f)model *model, void *arena);

    /* A status in words, without a full stop. */
    const char *\(f)status_text(\(f)status status);

    """
  }

  private var closing: String {
    """
    #ifdef __cplusplus
    }
    #endif

    #endif

    """
  }

  // MARK: Pieces

  private func offset(_ buffer: BufferID) -> Int { program.arena.offsets[buffer.index] }

  /// One an axis of the shape; the batch has none, since it is one.
  private var strides: [Int] { program.input.shape.count > 1 ? [0] + program.input.bufferStrides : [1] }

  private var processorNote: String {
    facts.processorFlags.isEmpty ? "" : "\n * Compiled with \(facts.processorFlags.joined(separator: " "))."
  }

  private var paddingNote: String {
    program.buffers[program.input.buffer.index].bytes == program.input.shape.reduce(1, *)
      ? "" : " Bytes between elements must hold \(c)INPUT_ZERO_POINT."
  }

  private func parenthesized(_ value: Int) -> String { value < 0 ? "(\(value))" : "\(value)" }

  private func cType(_ type: ElementType) -> String {
    switch type {
    case .float32: "float"
    case .float64: "double"
    case .int8: "int8_t"
    case .uint8, .bool: "uint8_t"
    case .int16: "int16_t"
    case .uint16: "uint16_t"
    case .int32: "int32_t"
    case .int64: "int64_t"
    }
  }
}

/// What addresses must be multiples of.
struct LibraryAlignment: Hashable, Sendable {
  var arena: Int
  var weights: Int

  /// Kernels may read so many bytes behind the planned arena.
  static let slack = 64
}

/// The shortest decimal number that reads as the same float32, as a C literal.
func floatLiteral(_ value: Float) -> String {
  let text = "\(value)"
  return (text.contains(".") || text.contains("e") ? text : text + ".0") + "f"
}

/// Text that neither ends a C comment nor begins another one.
func inComment(_ text: String) -> String {
  commentText(text).replacing("*/", with: "* /").replacing("/*", with: "/ *")
}
