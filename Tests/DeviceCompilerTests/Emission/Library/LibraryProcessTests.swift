import Foundation
import Targets
import TestSupport
import Testing

@testable import DeviceCompiler

/// Processors for which this machine can compile C, and whose programs it can run.
private let usable: [TargetProfile.Processor.Architecture] = [.x86_64, .arm64].filter { architecture in
  let (compiler, emulator) =
    architecture == .arm64 ? ("aarch64-linux-gnu-gcc", "qemu-aarch64-static") : ("x86_64-linux-gnu-gcc", "qemu-x86_64-static")
  #if arch(x86_64)
  let isNative = architecture == .x86_64
  #else
  let isNative = architecture == .arm64
  #endif
  if installed(compiler) != nil || isNative && installed("gcc") != nil, isNative || installed(emulator) != nil { return true }
  print("not run: C programs for \(architecture.rawValue), since \(compiler) or \(emulator) is not installed")
  return false
}

/// What follows in every C program here: reading a file into aligned memory.
private let prelude = """
  #include "tiny.h"
  #include "sample.h"
  #include <stdio.h>
  #include <string.h>

  static unsigned char tiny_memory[TINY_WEIGHTS_BYTES + TINY_WEIGHTS_ALIGNMENT];
  static unsigned char sample_memory[SAMPLE_WEIGHTS_BYTES + SAMPLE_WEIGHTS_ALIGNMENT];
  /* One alignment unit more than needed, so that arenas can begin at odd multiples of it. */
  static unsigned char tiny_arena_memory[TINY_ARENA_BYTES + 3 * TINY_ARENA_ALIGNMENT];
  static unsigned char sample_arena_memory[SAMPLE_ARENA_BYTES + 3 * SAMPLE_ARENA_ALIGNMENT];

  static unsigned char *aligned(unsigned char *memory, size_t alignment) {
    return memory + (alignment - (uintptr_t)memory % alignment) % alignment;
  }
  /* An odd multiple: kernels must not rely on more than is promised. */
  static unsigned char *just_aligned(unsigned char *memory, size_t alignment) {
    return aligned(memory, 2 * alignment) + alignment;
  }
  static unsigned char *load(const char *path, unsigned char *memory, size_t bytes) {
    FILE *file = fopen(path, "rb");
    unsigned char *start = aligned(memory, 64);
    if (!file || fread(start, 1, bytes, file) != bytes) printf("%s cannot be read\\n", path);
    if (file) fclose(file);
    return start;
  }
  static void print_bytes(const char *name, const int8_t *bytes, size_t count) {
    printf("%s", name);
    for (size_t index = 0; index < count; index++) printf(" %d", bytes[index]);
    printf("\\n");
  }

  """

/// Both networks in one program, each through every way of running it.
private let twoModels =
  prelude + """
    int main(void) {
      static const tiny_element stored[TINY_INPUT_COUNT] = {0, 255, 1, 254, 128, 127, 64, 3};
      int8_t tensor[SAMPLE_INPUT_COUNT], tiny_output[TINY_OUTPUT_COUNT], sample_output[SAMPLE_OUTPUT_COUNT];
      float real[SAMPLE_INPUT_COUNT];
      int8_t *tiny_arena = (int8_t *)just_aligned(tiny_arena_memory, TINY_ARENA_ALIGNMENT);
      int8_t *sample_arena = (int8_t *)just_aligned(sample_arena_memory, SAMPLE_ARENA_ALIGNMENT);
      tiny_model tiny;
      sample_model sample;

      printf("%s\\n", tiny_status_text(tiny_open(&tiny, load("tiny.epk", tiny_memory, TINY_WEIGHTS_BYTES), TINY_WEIGHTS_BYTES)));
      printf("%s\\n", sample_status_text(
          sample_open(&sample, load("sample.epk", sample_memory, SAMPLE_WEIGHTS_BYTES), SAMPLE_WEIGHTS_BYTES)));
      printf("%d %d\\n", (int)tiny_self_test(&tiny, tiny_arena), (int)sample_self_test(&sample, sample_arena));

      printf("%d ", (int)tiny_run_stored(&tiny, tiny_arena, stored, tiny_output));
      print_bytes("stored", tiny_output, TINY_OUTPUT_COUNT);
      for (int index = 0; index < (int)TINY_INPUT_COUNT; index++) {
        real[index] = stored[index] / 255.0f;
        tensor[index] = (int8_t)(index * 9 - 30);
      }
      printf("%d ", (int)tiny_run_quantized(&tiny, tiny_arena, tensor, tiny_output));
      print_bytes("quantized", tiny_output, TINY_OUTPUT_COUNT);
      printf("%d ", (int)tiny_run(&tiny, tiny_arena, real, real));
      printf("real");
      for (size_t index = 0; index < TINY_OUTPUT_COUNT; index++) printf(" %.9g", real[index]);
      printf("\\n");

      for (int index = 0; index < (int)SAMPLE_INPUT_COUNT; index++) tensor[index] = (int8_t)(index * 37 % 255 - 127);
      printf("%d ", (int)sample_run_quantized(&sample, sample_arena, tensor, sample_output));
      print_bytes("quantized", sample_output, SAMPLE_OUTPUT_COUNT);

      /* In place: channels first to the arena's order. */
      static const size_t strides[SAMPLE_INPUT_RANK] = SAMPLE_INPUT_STRIDES, shape[SAMPLE_INPUT_RANK] = SAMPLE_INPUT_SHAPE;
      size_t index = 0;
      for (size_t i = 0; i < shape[1]; i++)
        for (size_t j = 0; j < shape[2]; j++)
          for (size_t k = 0; k < shape[3]; k++)
            sample_arena[SAMPLE_INPUT_OFFSET + i * strides[1] + j * strides[2] + k * strides[3]] = tensor[index++];
      printf("%d ", (int)sample_run_in_place(&sample, sample_arena));
      print_bytes("in place", sample_arena + SAMPLE_OUTPUT_OFFSET, SAMPLE_OUTPUT_COUNT);
      return 0;
    }
    """

/// What that must print, by the reference of each network.
private var twoModelsOutput: String {
  func text(_ values: [Int8]) -> String { values.map { " \($0)" }.joined() }
  let stored = TinyProgram.answer(to: TinyProgram.tensor(of: [0, 255, 1, 254, 128, 127, 64, 3]))
  var tensor = [Int8](repeating: 0, count: 8)
  for (index, position) in TinyProgram.positions.enumerated() { tensor[position] = Int8(index * 9 - 30) }
  // Channels first in C, channels last in the arena.
  let image = (0..<256).map { Int8($0 * 37 % 255 - 127) }
  let sample = PackedLibraries.sampleProgram.output(for: (0..<256).map { image[$0 % 4 * 64 + $0 / 4] })
  return """
    done
    done
    0 0
    0 stored\(text(stored))
    0 quantized\(text(TinyProgram.answer(to: tensor)))
    0 real\(TinyProgram.real(stored).map { " " + String(format: "%.9g", $0) }.joined())
    0 quantized\(text(sample))
    0 in place\(text(sample))

    """
}

struct LibraryProcessTests {
  @Test(arguments: usable, PackedLibraries.Linkage.allCases)
  func twoModelsInOneProgram(
    architecture: TargetProfile.Processor.Architecture, linkage: PackedLibraries.Linkage
  ) async throws {
    let libraries = try await PackedLibraries.of(architecture)
    let compiler = try #require(libraries.compiler())
    for flags in [[], ["-Wl,--gc-sections"]] {
      let name = "two-\(linkage)-\(flags.count)"
      let program = try libraries.compile(twoModels, with: compiler, as: name, linkage: linkage, flags: flags)
      let run = try libraries.run([program])
      #expect(run.exitCode == 0 && run.outputText == twoModelsOutput, "\(run.outputText)\(run.errorText)")
    }
  }

  @Test func aHeaderIsOneOfCPlusPlusToo() async throws {
    let libraries = try await PackedLibraries.native
    guard let compiler = libraries.compiler("g++") else { return print("not run: g++ is not installed") }
    let program = try libraries.compile(
      """
      #include "tiny.h"
      #include "sample.h"
      int main() { tiny_model model; return tiny_open(&model, nullptr, 0) == TINY_NULL_ARGUMENT && SAMPLE_OK == 0 ? 0 : 1; }
      """, with: compiler, as: "plus")
    #expect(try libraries.run([program]).exitCode == 0)
  }

  /// Mapping symbols such as `$x` belong to the object format of Arm.
  @Test(arguments: usable) func everySymbolHasThePrefix(architecture: TargetProfile.Processor.Architecture) async throws {
    let libraries = try await PackedLibraries.of(architecture)
    for artifacts in [libraries.tiny, libraries.sample] {
      let library = try #require(artifacts.library)
      let list = try FinishedProcess.run(["nm", "--format=posix", library.names.archive], in: libraries.folder)
      let symbols = list.outputText.split(separator: "\n").map { $0.split(separator: " ") }.filter { $0.count >= 2 && $0[0] != "U" }
      let named = symbols.filter { !$0[0].hasPrefix("$x") && !$0[0].hasPrefix("$d") }
      #expect(named.allSatisfy { $0[0].hasPrefix(library.names.prefix) }, "\(named)")
      // Global symbols have capital letters; U would be undefined.
      let global = named.filter { $0[1].first?.isUppercase == true }
      #expect(global.allSatisfy { $0[1] == "T" } && Set(global.map { String($0[0]) }) == Set(library.names.functions), "\(global)")
    }
  }

  @Test func anArchiveIsTheSameFromAnyFolderAndNamesNone() async throws {
    let first = try await PackedLibraries.of(.arm64)
    let second = try await TinyProgram.emit(TinyProgram.profile(.arm64), asLibrary: true, in: try temporaryFolder().path)
    let (one, two) = (try #require(first.tiny.library), try #require(second.library))
    #expect(one.archive == two.archive && one.header == two.header)
    #expect(first.tiny.program == second.program)
    for path in [first.folder.path, "Emission", "/tmp", NSHomeDirectory() + "/"] {
      #expect(Data(one.archive).range(of: Data(path.utf8)) == nil, "the archive holds \(path)")
    }
  }

  /// The program of a library build is linked with the library, and its self-test is the proof.
  @Test(arguments: usable) func theProgramProvesTheLibrary(architecture: TargetProfile.Processor.Architecture) async throws {
    let libraries = try await PackedLibraries.of(architecture)
    try libraries.write(libraries.sample.program, to: "sample")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: libraries.folder.appendingPathComponent("sample").path)
    let run = try libraries.run(["./sample", "--self-test"])
    #expect(run.exitCode == 0 && run.outputText.hasPrefix("68 of 68 cases equal byte for byte\n"), "\(run.errorText)")
    // Its network is the one of a program by itself.
    let network = NetworkEmitter(PackedLibraries.sampleProgram.lowered, pageSize: 4096).emit()
    #expect(libraries.sample.networkSource == network.source && libraries.sample.layoutHash == network.layoutHash)
  }

  @Test func whatCannotRunIsRefusedByName() async throws {
    let libraries = try await PackedLibraries.of(.x86_64)
    guard usable.contains(.x86_64), let compiler = libraries.compiler() else { return print("not run: no C compiler for x86_64") }
    let program = try libraries.compile(
      prelude + """
        static void show(tiny_status status) { printf("%d %s\\n", (int)status, tiny_status_text(status)); }
        int main(void) {
          unsigned char *weights = load("tiny.epk", tiny_memory, TINY_WEIGHTS_BYTES), kept;
          unsigned char *arena = aligned(tiny_arena_memory, TINY_ARENA_ALIGNMENT);
          tiny_model model;
          float input[TINY_INPUT_COUNT] = {0}, output[TINY_OUTPUT_COUNT];
          memset(&model, 0, sizeof model);
          show(tiny_run(&model, arena, input, output));
          show(tiny_open(&model, 0, 1));
          show(tiny_open(&model, weights + 1, TINY_WEIGHTS_BYTES - 1));
          show(tiny_open(&model, weights, TINY_WEIGHTS_BYTES - 1));
          show(tiny_open(&model, weights, 100));
          show(tiny_open(&model, load("sample.epk", sample_memory, SAMPLE_WEIGHTS_BYTES), SAMPLE_WEIGHTS_BYTES));
          for (size_t offset = 0; offset < 8192; offset += 1) {
            /* Behind the segment table there is nothing that is read before the first page ends. */
            if (offset == 192) offset = 4096;
            kept = weights[offset];
            weights[offset] ^= 16;
            tiny_status status = tiny_open(&model, weights, TINY_WEIGHTS_BYTES);
            if (status == TINY_OK || tiny_check_weights(&model) != TINY_NOT_OPEN) printf("byte %d passes\\n", (int)offset);
            if (offset == 5000) {
              show(status);
              show(tiny_open_unchecked(&model, weights, TINY_WEIGHTS_BYTES));
              show(tiny_check_weights(&model));
            }
            weights[offset] = kept;
          }
          show(tiny_open(&model, weights, TINY_WEIGHTS_BYTES));
          show(tiny_run(&model, arena + 1, input, output));
          show(tiny_run(&model, arena, 0, output));
          show(tiny_run(0, arena, input, output));
          weights[TINY_WEIGHTS_BYTES - 1] ^= 1;
          show(tiny_self_test(&model, arena));
          printf("%s\\n", tiny_status_text((tiny_status)10));
          return 0;
        }
        """, with: compiler, as: "refusals")
    let run = try libraries.run([program])
    #expect(
      run.outputText == """
        4 the model is not open
        1 a pointer is null
        2 the arena or the weights do not begin at a multiple of their alignment
        6 the weights end too early
        6 the weights end too early
        8 the weights belong to another build of the network
        7 the weights are damaged: a checksum differs
        0 done
        7 the weights are damaged: a checksum differs
        0 done
        2 the arena or the weights do not begin at a multiple of their alignment
        1 a pointer is null
        1 a pointer is null
        7 the weights are damaged: a checksum differs
        unknown status

        """)
  }

  @Test func aProcessorWithoutAvx2IsRefusedNotCrashed() async throws {
    guard usable.contains(.x86_64), let emulator = installed("qemu-x86_64-static") else {
      return print("not run: qemu-user-static or gcc is not installed")
    }
    // The other network stays as it is: both kinds of library in one program.
    var libraries = try await PackedLibraries.of(.x86_64)
    let compiler = try #require(libraries.compiler())
    try libraries.moveToNewFolder()
    let profile = TinyProgram.profile(.x86_64, features: [.avx2])
    try libraries.use(try await TinyProgram.emit(profile, asLibrary: true, in: libraries.folder.appendingPathComponent("work").path))
    let program = try libraries.compile(
      prelude + """
        int main(void) {
          tiny_model tiny;
          sample_model sample;
          unsigned char *weights = load("sample.epk", sample_memory, SAMPLE_WEIGHTS_BYTES);
          if (sample_open(&sample, weights, SAMPLE_WEIGHTS_BYTES)) return 99;
          return (int)tiny_open(&tiny, load("tiny.epk", tiny_memory, TINY_WEIGHTS_BYTES), TINY_WEIGHTS_BYTES);
        }
        """, with: compiler, as: "old", linkage: .standalone)
    let old = try FinishedProcess.run([emulator, "-cpu", "Nehalem", program], in: libraries.folder)
    #expect(old.exitCode == 3, "\(old.errorText)")
    let new = try FinishedProcess.run([emulator, "-cpu", "Haswell", program], in: libraries.folder)
    #expect(new.exitCode == 0, "\(new.errorText)")
  }

  /// Every function runs on a painted stack of its own; what it touches must be within the header's figure.
  @Test func theStackStaysWithinTheHeadersFigure() async throws {
    let libraries = try await PackedLibraries.native
    guard let compiler = libraries.compiler() else { return print("not run: gcc is not installed") }
    let program = try libraries.compile(
      "#define _GNU_SOURCE\n" + prelude + """
        #include <ucontext.h>
        static unsigned char stack[65536];
        static ucontext_t here, there;
        static sample_model model;
        static unsigned char *arena, *weights;
        static float input[SAMPLE_INPUT_COUNT], output[SAMPLE_OUTPUT_COUNT];
        static void nothing(void) {}
        static void work(void) {
          sample_open(&model, weights, SAMPLE_WEIGHTS_BYTES);
          sample_run(&model, arena, input, output);
          sample_self_test(&model, arena);
        }
        static int depth(void (*function)(void)) {
          int index = 0;
          memset(stack, 0x5A, sizeof stack);
          getcontext(&there);
          there.uc_stack.ss_sp = stack;
          there.uc_stack.ss_size = sizeof stack;
          there.uc_link = &here;
          makecontext(&there, function, 0);
          swapcontext(&here, &there);
          while (stack[index] == 0x5A) index++;
          return (int)sizeof stack - index;
        }
        int main(void) {
          weights = load("sample.epk", sample_memory, SAMPLE_WEIGHTS_BYTES);
          arena = aligned(sample_arena_memory, SAMPLE_ARENA_ALIGNMENT);
          int around = depth(nothing);
          int used = depth(work);
          printf("%d %d\\n", used - around, (int)SAMPLE_STACK_BYTES);
          return model.state ? 0 : 1;
        }
        """, with: compiler, as: "stack")
    let run = try libraries.run([program])
    let figures = run.outputText.split { $0 == " " || $0 == "\n" }.compactMap { Int($0) }
    try #require(run.exitCode == 0 && figures.count == 2, "\(run.outputText)\(run.errorText)")
    // `work` has a frame as well.
    #expect(figures[0] > 128 && figures[0] <= figures[1] + 64, "\(figures)")
    #expect(figures[1] <= 8192)
  }
}
