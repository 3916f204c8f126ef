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
      if (same(order, "echo")) { for (i++; i < count; i++) show(words[i]); put("\n"); }
      call(kExit, 0, 0, 0, 0);
    }
    """#
}
