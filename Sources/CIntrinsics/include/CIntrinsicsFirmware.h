// What a program without an operating system has: a debugger's semihosting calls, and the places that the linker script names.

/// One semihosting call (Semihosting for AArch32 and AArch64 §3). The debugger, or the emulator, stops the core and acts for it.
EDGEPACK_INLINE int32_t edgepack_semihosting(uint32_t operation, const void *argument) {
#if defined(__arm__)
  register uint32_t r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt #0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return (int32_t)r0;
#else
#error "no semihosting call for this architecture"
#endif
}

/// The weights file inside the image, and the byte behind it.
EDGEPACK_INLINE const void *edgepack_weights_start(void) { extern const char edgepack_weights[]; return edgepack_weights; }
EDGEPACK_INLINE const void *edgepack_weights_end(void) { extern const char edgepack_weights_limit[]; return edgepack_weights_limit; }

/// The stack's lowest byte, and the byte above its highest one.
EDGEPACK_INLINE const void *edgepack_stack_limit(void) { extern const char stack_limit[]; return stack_limit; }
EDGEPACK_INLINE const void *edgepack_stack_top(void) { extern const char stack_top[]; return stack_top; }

/// Static memory that is not the stack: `.data` and `.bss`.
EDGEPACK_INLINE uint32_t edgepack_static_bytes(void) {
  extern const char data_start[], data_end[], bss_start[], bss_end[];
  return (uint32_t)(data_end - data_start) + (uint32_t)(bss_end - bss_start);
}

/// The debugger's command line, and the words that it is cut into, ended by a null pointer.
#define EDGEPACK_COMMAND_LINE_BYTES 256
#define EDGEPACK_COMMAND_WORDS 16

EDGEPACK_INLINE void *edgepack_command_line(void) {
  static uint8_t line[EDGEPACK_COMMAND_LINE_BYTES];
  return line;
}
EDGEPACK_INLINE void *edgepack_command_words(void) {
  static const uint8_t *words[EDGEPACK_COMMAND_WORDS + 1];
  return words;
}
