import DeviceKernels

/// The text of one convolution's C files.
struct ConvolutionSource {
  /// The top function.
  var name: String
  var layer: String
  var shape: ConvolutionShape
  var constants: ConvolutionConstants
  var multipliers: [IntegerMultiplier]

  private var prefix: String { name.uppercased() }
  private var inputsPerGroup: Int { shape.inputChannels / shape.groups }
  /// Output channels computed at once, and inputs multiplied at once in each: the largest divisors up to 8, so that no lane ever idles.
  private var lanes: Int { largestDivisor(of: shape.outputChannels / shape.groups, upTo: 8) }
  private var vector: Int { largestDivisor(of: inputsPerGroup, upTo: 8) }
  private var inputBytes: Int { shape.inputHeight * shape.inputWidth * shape.inputChannels }
  /// Up to the last output; gaps between pixels are not written.
  private var outputBytes: Int { (shape.outputHeight * shape.outputWidth - 1) * shape.outputStride + shape.outputChannels }

  /// `NAME.h`: sizes and the top function.
  var header: String {
    """
    /* \(layer.inComment): int8 convolution \(shape.inputHeight)x\(shape.inputWidth)x\(shape.inputChannels) -> \
    \(shape.outputHeight)x\(shape.outputWidth)x\(shape.outputChannels). Emitted by edgepack. */
    #ifndef \(prefix)_H
    #define \(prefix)_H

    #include <stdint.h>

    #define \(prefix)_INPUT_BYTES \(inputBytes)
    #define \(prefix)_OUTPUT_BYTES \(outputBytes)

    /* input: [\(shape.inputHeight), \(shape.inputWidth), \(shape.inputChannels)], \
    output: [\(shape.outputHeight), \(shape.outputWidth), \(shape.outputChannels)], rows of pixels of channels\
    \(shape.outputStride == shape.outputChannels ? "" : ", \(shape.outputStride) bytes a pixel"). */
    void \(name)(const int8_t input[\(prefix)_INPUT_BYTES], int8_t output[\(prefix)_OUTPUT_BYTES]);

    #endif

    """
  }

  /// `NAME_constants.h`: dimensions and tables.
  var constantTables: String {
    let dimensions: [(String, Int)] = [
      ("INPUT_HEIGHT", shape.inputHeight), ("INPUT_WIDTH", shape.inputWidth), ("INPUT_CHANNELS", shape.inputChannels),
      ("OUTPUT_HEIGHT", shape.outputHeight), ("OUTPUT_WIDTH", shape.outputWidth), ("OUTPUT_CHANNELS", shape.outputChannels),
      ("OUTPUT_STRIDE", shape.outputStride),
      ("KERNEL_HEIGHT", shape.kernelHeight), ("KERNEL_WIDTH", shape.kernelWidth),
      ("STRIDE_Y", shape.strideY), ("STRIDE_X", shape.strideX), ("DILATION_Y", shape.dilationY), ("DILATION_X", shape.dilationX),
      ("PAD_TOP", shape.padTop), ("PAD_LEFT", shape.padLeft),
      ("GROUP_INPUTS", inputsPerGroup), ("GROUP_OUTPUTS", shape.outputChannels / shape.groups),
      ("LANES", lanes), ("VECTOR", vector),
      ("INPUT_ZERO_POINT", Int(shape.inputZeroPoint)), ("OUTPUT_ZERO_POINT", Int(shape.output.zeroPoint)),
      ("OUTPUT_MINIMUM", Int(shape.output.minimum)), ("OUTPUT_MAXIMUM", Int(shape.output.maximum)),
    ]
    return """
      /* Constants of \(layer.inComment). Only \(name).c includes this file. */
      #ifndef \(prefix)_CONSTANTS_H
      #define \(prefix)_CONSTANTS_H

      #include <stdint.h>

      \(dimensions.map { "#define \($0) \($1 < 0 ? "(\($1))" : "\($1)")" }.joined(separator: "\n"))

      /* One a channel, the input's zero point folded in: bias - zero point * sum of weights. */
      static const int32_t biases[OUTPUT_CHANNELS] = {
      \(table(constants.biases.map(String.init)))
      };

      /* The multiplier of a channel is significand * 2^-shift. */
      static const uint32_t significands[OUTPUT_CHANNELS] = {
      \(table(multipliers.map { "\($0.significand)u" }))
      };
      static const uint8_t shifts[OUTPUT_CHANNELS] = {
      \(table(multipliers.map { "\($0.shift)" }))
      };

      static const int8_t weights[OUTPUT_CHANNELS][KERNEL_HEIGHT][KERNEL_WIDTH][GROUP_INPUTS] = {
      \(weightTable)
      };

      #endif

      """
  }

  /// `[O][Kh][Kw][I]` with the braces C asks for.
  private var weightTable: String {
    var position = 0
    let channels = (0..<shape.outputChannels).map { _ in
      let rows = (0..<shape.kernelHeight).map { _ in
        let columns = (0..<shape.kernelWidth).map { _ in
          let values = constants.weights[position..<position + inputsPerGroup].map(String.init).joined(separator: ", ")
          position += inputsPerGroup
          return "{\(values)}"
        }
        return "{\(columns.joined(separator: ", "))}"
      }
      return "  {\(rows.joined(separator: ",\n   "))}"
    }
    return channels.joined(separator: ",\n")
  }

  /// `NAME.c`: requantizer and loops.
  var implementation: String {
    """
    /* \(layer.inComment) as C11 for high-level synthesis. Emitted by edgepack; any C compiler gives the same bytes. */
    #include "\(name).h"
    #include "\(name)_constants.h"

    /* Directives reach the synthesis tool only; a plain compiler sees nothing that it could warn of. */
    #ifdef __SYNTHESIS__
    #define HLS_TEXT(directive) _Pragma(#directive)
    #define HLS(directive) HLS_TEXT(HLS directive)
    #else
    #define HLS(directive)
    #endif

    \(requantizer)

    \(loops)

    """
  }

  private var loops: String {
    """
    void \(name)(const int8_t input[\(prefix)_INPUT_BYTES], int8_t output[\(prefix)_OUTPUT_BYTES])
    {
    HLS(INTERFACE m_axi port=input offset=slave bundle=read depth=\(inputBytes))
    HLS(INTERFACE m_axi port=output offset=slave bundle=write depth=\(outputBytes))
    HLS(INTERFACE s_axilite port=return)
    HLS(ARRAY_PARTITION variable=weights cyclic factor=LANES dim=1)
    HLS(ARRAY_PARTITION variable=weights cyclic factor=VECTOR dim=4)
      static int8_t image[\(prefix)_INPUT_BYTES];
    HLS(ARRAY_PARTITION variable=image cyclic factor=VECTOR dim=1)

      /* One pass over the input in bursts; everything after it reads memory on the chip. */
      for (int32_t i = 0; i < \(prefix)_INPUT_BYTES; i++) {
    HLS(PIPELINE II=1)
        image[i] = input[i];
      }

      for (int32_t row = 0; row < OUTPUT_HEIGHT; row++) {
        for (int32_t column = 0; column < OUTPUT_WIDTH; column++) {
          for (int32_t first = 0; first < OUTPUT_CHANNELS; first += LANES) {
            const int32_t group_start = first / GROUP_OUTPUTS * GROUP_INPUTS;
            int32_t sums[LANES];
    HLS(ARRAY_PARTITION variable=sums complete)
            for (int32_t lane = 0; lane < LANES; lane++) {
    HLS(UNROLL)
              sums[lane] = biases[first + lane];
            }
            for (int32_t ky = 0; ky < KERNEL_HEIGHT; ky++) {
              for (int32_t kx = 0; kx < KERNEL_WIDTH; kx++) {
                for (int32_t start = 0; start < GROUP_INPUTS; start += VECTOR) {
    HLS(PIPELINE II=1)
                  const int32_t y = row * STRIDE_Y - PAD_TOP + ky * DILATION_Y;
                  const int32_t x = column * STRIDE_X - PAD_LEFT + kx * DILATION_X;
                  const int inside = y >= 0 && y < INPUT_HEIGHT && x >= 0 && x < INPUT_WIDTH;
                  const int32_t pixel = (y * INPUT_WIDTH + x) * INPUT_CHANNELS + group_start;
                  for (int32_t i = start; i < start + VECTOR; i++) {
    HLS(UNROLL)
                    /* Padding reads the zero point, because the biases have it folded in. */
                    const int32_t value = inside ? image[pixel + i] : INPUT_ZERO_POINT;
                    for (int32_t lane = 0; lane < LANES; lane++) {
    HLS(UNROLL)
                      sums[lane] += weights[first + lane][ky][kx][i] * value;
                    }
                  }
                }
              }
            }
            for (int32_t lane = 0; lane < LANES; lane++) {
    HLS(PIPELINE II=1)
              const int32_t channel = first + lane;
              output[(row * OUTPUT_WIDTH + column) * OUTPUT_STRIDE + channel] =
                requantize(sums[lane], significands[channel], shifts[channel]);
            }
          }
        }
      }
    }
    """
  }

  /// `testbench.c`: plain standard input and output.
  var testbench: String {
    """
    /* Runs \(name) once: testbench [input.bin [output.bin]]. Exit code 0 done, 2 a file fails. */
    #include <stdio.h>

    #include "\(name).h"

    static int8_t input[\(prefix)_INPUT_BYTES];
    static int8_t output[\(prefix)_OUTPUT_BYTES];

    static int fail(const char *what, const char *path)
    {
      fprintf(stderr, "testbench: cannot %s %s\\n", what, path);
      return 2;
    }

    int main(int argc, char **argv)
    {
      const char *input_path = argc > 1 ? argv[1] : "input.bin";
      const char *output_path = argc > 2 ? argv[2] : "output.bin";

      FILE *file = fopen(input_path, "rb");
      if (!file) return fail("open", input_path);
      const size_t bytes_read = fread(input, 1, sizeof input, file);
      fclose(file);
      if (bytes_read != sizeof input) return fail("read enough of", input_path);

      \(name)(input, output);

      file = fopen(output_path, "wb");
      if (!file) return fail("create", output_path);
      const size_t bytes_written = fwrite(output, 1, sizeof output, file);
      if (fclose(file) != 0 || bytes_written != sizeof output) return fail("write", output_path);
      return 0;
    }

    """
  }

  /// `run.tcl`, for people who have the tool.
  var script: String {
    """
    # C simulation and synthesis of \(name) with Vitis HLS: vitis_hls -f run.tcl
    # Not run here: edgepack checks the C with gcc and clang only. Part and clock are those of a Zynq-7020 board.
    open_project -reset \(name)_project
    set_top \(name)
    add_files \(name).c
    add_files -tb testbench.c
    open_solution -reset solution1
    set_part xc7z020clg400-1
    create_clock -period 10 -name default
    csim_design -argv "[pwd]/input.bin [pwd]/output.bin"
    csynth_design
    exit

    """
  }

  /// Values in lines of sixteen.
  private func table(_ values: [String]) -> String {
    stride(from: 0, to: values.count, by: 16).map { start in
      "  " + values[start..<min(start + 16, values.count)].joined(separator: ", ")
    }.joined(separator: ",\n")
  }
}

private func largestDivisor(of count: Int, upTo limit: Int) -> Int {
  (1...limit).last { count.isMultiple(of: $0) } ?? 1
}

extension String {
  /// The text without anything that would end a C comment or leave its line.
  fileprivate var inComment: String {
    String(map { $0 == "*" || $0 == "/" || $0.isNewline ? "_" : $0 })
  }
}
