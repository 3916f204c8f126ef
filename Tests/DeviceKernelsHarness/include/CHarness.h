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

// Seed and number of cases, and the forms under test, from the one list of kernel variants: channels, depth and block of each (set by the test).
enum {
  harness_seed = HARNESS_SEED,
  harness_cases = HARNESS_CASES,
  harness_convolution_channels = HARNESS_CONVOLUTION_CHANNELS,
  harness_convolution_depth = HARNESS_CONVOLUTION_DEPTH,
  harness_convolution_block = HARNESS_CONVOLUTION_BLOCK,
  harness_depthwise_channels = HARNESS_DEPTHWISE_CHANNELS,
  harness_matmul_channels = HARNESS_MATMUL_CHANNELS,
  harness_matmul_depth = HARNESS_MATMUL_DEPTH,
  harness_matmul_block = HARNESS_MATMUL_BLOCK,
};

#endif
