#include <stddef.h>
#include <stdint.h>

// The functions that compilers call by themselves. `-fno-builtin` keeps these loops from becoming calls of themselves.
void *memset(void *target, int value, size_t count) {
  unsigned char *bytes = target;
  while (count--) *bytes++ = (unsigned char)value;
  return target;
}

void *memcpy(void *restrict target, const void *restrict source, size_t count) {
  unsigned char *to = target;
  const unsigned char *from = source;
  while (count--) *to++ = *from++;
  return target;
}

void *memmove(void *target, const void *source, size_t count) {
  unsigned char *to = target;
  const unsigned char *from = source;
  if (to <= from) return memcpy(target, source, count);
  while (count--) to[count] = from[count];
  return target;
}

#if defined(__arm__)
void __aeabi_memset(void *target, size_t count, int value) { memset(target, value, count); }
void __aeabi_memclr(void *target, size_t count) { memset(target, 0, count); }
void __aeabi_memclr4(void *target, size_t count) { memset(target, 0, count); }
void __aeabi_memclr8(void *target, size_t count) { memset(target, 0, count); }
void __aeabi_memcpy(void *target, const void *source, size_t count) { memcpy(target, source, count); }
void __aeabi_memcpy4(void *target, const void *source, size_t count) { memcpy(target, source, count); }
void __aeabi_memcpy8(void *target, const void *source, size_t count) { memcpy(target, source, count); }
void __aeabi_memmove(void *target, const void *source, size_t count) { memmove(target, source, count); }
#endif

void *harness_memory(void) {
  static unsigned char memory[1 << 20] __attribute__((aligned(64)));
  return memory;
}

#if defined(EDGEPACK_LINUX_PROGRAM)

#include "CIntrinsics.h"

void harness_print(const char *text) {
  long count = 0;
  while (text[count]) count++;
#if defined(__aarch64__)
  edgepack_system_call(64, 1, (long)text, count, 0, 0, 0);
#else
  edgepack_system_call(1, 1, (long)text, count, 0, 0, 0);
#endif
}

_Noreturn void harness_exit(int code) {
#if defined(__aarch64__)
  edgepack_system_call(94, code, 0, 0, 0, 0, 0);
#else
  edgepack_system_call(231, code, 0, 0, 0, 0, 0);
#endif
  __builtin_unreachable();
}

#else

// Semihosting: SYS_WRITE0 and SYS_EXIT_EXTENDED; the call itself is in the start-up file.
uintptr_t semihosting(uintptr_t operation, const void *argument);

void harness_print(const char *text) { semihosting(0x04, text); }

_Noreturn void harness_exit(int code) {
  uintptr_t block[2] = {0x20026, (uintptr_t)code};
  for (;;) semihosting(0x20, block);
}

#endif
