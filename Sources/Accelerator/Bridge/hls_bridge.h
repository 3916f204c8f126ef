/* The bridge between a program and an accelerator: one engine that computes one layer at a time.
 *
 * No libc, no heap, no callbacks: the caller provides all memory. Every function returns an ep_status and never aborts. Buffers that
 * the device sees belong to the bridge until ep_hls_close; the caller's tensors are copied and never given to the device.
 * Falling back is the caller's part: on any status but EP_OK it runs the processor's kernel on the input, which is untouched.
 *
 * All integers are of fixed width and little-endian; structures hold no pointers except ep_hls_config. A structure's first field is
 * its size as the caller knows it: fields beyond that size are taken as 0 and never written.
 */
#ifndef HLS_BRIDGE_H
#define HLS_BRIDGE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* major << 16 | minor. The major number must match; a newer minor number only adds fields at the end of structures. */
#define EP_HLS_ABI 0x00010000u

typedef enum {
  EP_OK = 0,
  EP_ABSENT = 1,      /* no such device, or its logic is not loaded or not clocked; found before any register is touched */
  EP_ABI = 2,         /* the major number of the caller or of the device differs */
  EP_DESIGN = 3,      /* the identity word or the design hash in the device is not the expected one */
  EP_ARG = 4,         /* an argument is outside its documented range */
  EP_UNSUPPORTED = 5, /* the design has no engine for this opcode, or the layer exceeds its buffers */
  EP_NOMEM = 6,       /* no device-visible memory, or the state is smaller than ep_hls_size */
  EP_BUSY = 7,        /* another process owns the device, or a ticket is still outstanding */
  EP_TIMEOUT = 8,     /* not done at the deadline; call ep_hls_reset */
  EP_BUS = 9,         /* the device reports an error response of the memory bus */
  EP_CHECK = 10,      /* done, but a sum, a count, a guard or the ticket is wrong; the result is withheld */
  EP_IO = 11,         /* an operating-system call failed */
  EP_DEAD = 12        /* a reset failed or a second timeout: the device is given up until ep_hls_close */
} ep_status;

typedef enum {
  EP_BACKEND_UIO = 0,   /* a real device behind uio and u-dma-buf */
  EP_BACKEND_CSIM = 1,  /* the emitted C, compiled for this machine */
  EP_BACKEND_COSIM = 2, /* the RTL in a cycle simulator */
  EP_BACKEND_FAKE = 3   /* a model of the device that injects faults */
} ep_hls_backend;

typedef enum { EP_CONVOLUTION = 0, EP_DEPTHWISE = 1, EP_DENSE = 2 } ep_hls_opcode;

/* What ep_hls_open needs. Strings end with 0 and are read only during the call. */
typedef struct {
  uint32_t size;               /* sizeof(ep_hls_config) */
  uint32_t abi;                /* EP_HLS_ABI */
  uint32_t backend;            /* ep_hls_backend */
  uint32_t state_size;         /* bytes at `state`, at least ep_hls_size() */
  uint8_t design_hash[16];     /* of the design that the program was packed with */
  const char *device;          /* uio: the device file; csim and cosim: the shared object; fake: unused */
  const char *buffer;          /* uio: the u-dma-buf device; else unused */
  uint64_t clock_hz;           /* of the design; turns cycles into deadlines */
  uint64_t fault_seed;         /* fake: which faults, 0 none */
} ep_hls_config;

/* What a design is. */
typedef struct {
  uint32_t size;               /* sizeof(ep_hls_info) */
  uint32_t abi;
  uint8_t design_hash[16];
  uint32_t lanes;              /* output channels at once */
  uint32_t vector;             /* inputs at once in each lane */
  uint32_t opcodes;            /* bit n: ep_hls_opcode n */
  uint32_t slots;              /* weight slots that stay resident */
  uint32_t input_bytes;        /* capacity of the buffers */
  uint32_t weight_bytes;
  uint32_t output_bytes;
  uint32_t reserved;           /* 0 */
  uint64_t clock_hz;
} ep_hls_info;

/* One layer. Tensors are [H, W, C] int8; padding reads input_zero_point; biases have it folded in. */
typedef struct {
  uint32_t size;               /* sizeof(ep_hls_op) */
  uint32_t opcode;             /* ep_hls_opcode */
  uint32_t slot;               /* of the weights */
  uint32_t input_height, input_width, input_channels;
  uint32_t output_height, output_width, output_channels;
  uint32_t kernel_height, kernel_width;
  uint32_t stride_y, stride_x;
  uint32_t pad_top, pad_left;
  int32_t input_zero_point;    /* -128 ... 127, as are the next three */
  int32_t output_zero_point;
  int32_t minimum, maximum;    /* bounds of the result, activation included */
  uint64_t expected_cycles;    /* predicted; the deadline is ten times this, and at least 5 ms, unless the caller gives one */
} ep_hls_op;

/* Counted since ep_hls_open. */
typedef struct {
  uint32_t size;               /* sizeof(ep_hls_stats) */
  uint32_t reserved;           /* 0 */
  uint64_t calls;              /* submits accepted */
  uint64_t results;            /* waits that returned EP_OK */
  uint64_t failures[13];       /* calls that returned each ep_status; index 0 stays 0 */
  uint64_t resets;
  uint64_t device_cycles;
  uint64_t bytes_in, bytes_out;
  uint64_t sync_ns;            /* spent on cache maintenance */
} ep_hls_stats;

/* Bytes of state that the caller provides, aligned to 16. */
size_t ep_hls_size(void);

/* Takes the device for this process and proves that it is the right one: loaded and clocked, identity, design hash, idle (or reset to
   it), and a pattern sent through both buffers and back. On failure nothing stays open. */
ep_status ep_hls_open(void *state, const ep_hls_config *config);

/* `out->size` is read; the rest is written. */
ep_status ep_hls_info_get(const void *state, ep_hls_info *out);

/* Copies weights and parameters of one layer into a slot, where they stay. `sum` is the CRC-32C of the bytes, checked on the way. */
ep_status ep_hls_load(void *state, uint32_t slot, const void *weights, size_t bytes, uint32_t sum);

/* Copies the input, hands the buffers to the device, reads its identity again and starts it. One ticket may be outstanding. */
ep_status ep_hls_submit(void *state, const ep_hls_op *op, const void *input, uint32_t *ticket);

/* Waits for the ticket until `deadline_ns` from now (0: the default of ep_hls_op). At the deadline the status is read once more, so a
   lost interrupt is no timeout. `out` is written only if all of this holds: done, no error, the expected number of bytes written, the
   sums of input, weights and output equal on both sides, the guards whole, the ticket echoed. */
ep_status ep_hls_wait(void *state, uint32_t ticket, uint64_t deadline_ns, void *out);

/* Stops, drains the bus, resets. EP_DEAD if the device does not become idle; its buffers are then never used again, because a late
   write may still hit them. */
ep_status ep_hls_reset(void *state);

/* `out->size` is read; the rest is written. */
ep_status ep_hls_stats_get(const void *state, ep_hls_stats *out);

/* Returns the device to idle and gives it back. */
void ep_hls_close(void *state);

#ifdef __cplusplus
}
#endif

#endif
