// What the cross-check needs from the machine, on Linux by system calls, on bare metal by semihosting.
#ifndef CHARNESS_H
#define CHARNESS_H

#include <stdint.h>

/// One mebibyte of zeroed memory, aligned to 64 bytes.
void *harness_memory(void);
/// Prints a zero-terminated string.
void harness_print(const char *text);
/// Ends the program.
_Noreturn void harness_exit(int code);

// Set by the test.
enum { harness_seed = HARNESS_SEED, harness_cases = HARNESS_CASES };

#endif
