import Diagnostics
import Foundation
import ModelGraph
import Targets
import Testing

@testable import Deployment

/// A few lines of C without a library, built by the Swift toolchain's clang and lld: a program whose end the tests choose.
///     PROGRAM echo WORD…     prints its words in brackets, exits with 0
///     PROGRAM exit           exits with 7
///     PROGRAM crash          ends by an undefined instruction
///     PROGRAM partial        ends within a line
///     PROGRAM flood          prints 2,000 numbered lines
///     PROGRAM sleep          does not end by itself
///     PROGRAM -o OUT IN      reads samples of four numbers (raw uint8, or float32 npy with version 1.0), writes an npy file with two
///                            floats a sample: the sums of the first and of the last two real inputs; `[…, 0]` ends it with 3
/// Any of them may follow `--weights FILE`, whose first 8 bytes are then printed first.
enum TinyProgram {
  static let source = #"""
    #if defined(__aarch64__)
    enum { kOpen = 56, kRead = 63, kWrite = 64, kExit = 94 };
    static long call(long n, long a, long b, long c, long d) {
      register long x8 __asm__("x8") = n; register long x0 __asm__("x0") = a; register long x1 __asm__("x1") = b;
      register long x2 __asm__("x2") = c; register long x3 __asm__("x3") = d;
      __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
      return x0;
    }
    #else
    enum { kOpen = 257, kRead = 0, kWrite = 1, kExit = 231 };
    static long call(long n, long a, long b, long c, long d) {
      register long r10 __asm__("r10") = d;
      __asm__ volatile("syscall" : "+a"(n) : "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
      return n;
    }
    #endif
    static int same(const char *a, const char *b) {
      while (*a && *a == *b) { a++; b++; }
      return *a == *b;
    }
    static void put(const char *text) {
      long n = 0;
      while (text[n]) n++;
      call(kWrite, 1, (long)text, n, 0);
    }
    static long get(long file, void *to, long count) {
      long done = 0;
      while (done < count) {
        long n = call(kRead, file, (long)to + done, count - done, 0);
        if (n <= 0) break;
        done += n;
      }
      return done;
    }
    static unsigned char input[1 << 22];
    static float answers[1 << 19];
    static void answer(const char *to, const char *from) {
      long count = get(call(kOpen, -100, (long)from, 0, 0), input, sizeof input);
      int is_npy = count > 10 && input[0] == 0x93;
      long start = is_npy ? 10 + input[8] + 256 * input[9] : 0;
      long samples = (count - start) / (is_npy ? 16 : 4);
      for (long i = 0; i < samples; i++) {
        float x[4];
        for (int k = 0; k < 4; k++)
          if (is_npy) __builtin_memcpy_inline(&x[k], input + start + 16 * i + 4 * k, 4);
          else x[k] = (float)input[4 * i + k] * 0.5f - 1;
        if (x[3] == -1) { put("tiny: error: a zero\n"); call(kExit, 3, 0, 0, 0); }
        answers[2 * i] = x[0] + x[1];
        answers[2 * i + 1] = x[2] + x[3];
      }
      static char header[] = "\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (         , 2), }"
                             "                                                  \n";
      int place = 10;
      while (header[place] != ',' || header[place + 2] != '2') place++;
      for (long rest = samples; rest > 0; rest /= 10) header[--place] = (char)('0' + rest % 10);
      long file = call(kOpen, -100, (long)to, 0x241, 0644);
      call(kWrite, file, (long)header, 128, 0);
      call(kWrite, file, (long)answers, 8 * samples, 0);
      call(kExit, 0, 0, 0, 0);
    }
    static void show(const char *word) { put("["); put(word); put("]"); }
    void device_main(long *stack) {
      long count = stack[0];
      char **words = (char **)(stack + 1);
      long i = 1;
      if (count > 2 && same(words[1], "--weights")) {
        char bytes[9] = "";
        long file = call(kOpen, -100, (long)words[2], 0, 0);
        if (file < 0) { put("no weights\n"); call(kExit, 2, 0, 0, 0); }
        call(kRead, file, (long)bytes, 8, 0);
        show(bytes); put("\n");
        i = 3;
      }
      const char *order = i < count ? words[i] : "";
      if (same(order, "exit")) call(kExit, 7, 0, 0, 0);
      if (same(order, "crash")) __builtin_trap();
      if (same(order, "partial")) { put("no line end"); call(kExit, 0, 0, 0, 0); }
      if (same(order, "flood"))
        for (int n = 0; n < 2000; n++) {
          char line[] = "line 0000 of a long answer, with words enough to fill a buffer\n";
          for (int place = 8, rest = n; place > 4; place--, rest /= 10) line[place] = (char)('0' + rest % 10);
          put(line);
        }
      if (same(order, "sleep")) for (;;) __asm__ volatile("" ::: "memory");
      if (same(order, "-o")) answer(words[i + 1], words[i + 2]);
      if (same(order, "echo")) { for (i++; i < count; i++) show(words[i]); put("\n"); }
      call(kExit, 0, 0, 0, 0);
    }
    """#
}
