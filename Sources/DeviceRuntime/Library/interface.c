// The C interface of a library: checks what the caller gave, refuses a processor that lacks what the network was compiled for, and calls
// the Swift side (Entries.swift). Compiled for the oldest processor of the architecture. The emitted header says what each function does.
//
// EDGEPACK_HEADER is the emitted header's name in quotes, EDGEPACK_PREFIX is `door_`, EDGEPACK_CONSTANT_PREFIX is `DOOR_`;
// EDGEPACK_STORED_SAMPLES is defined where samples are taken as the data set stores them.
#include EDGEPACK_HEADER
#include "../../CIntrinsics/include/CIntrinsicsLibrary.h"

#define PASTE(a, b) a##b
#define JOIN(a, b) PASTE(a, b)
#define NAME(word) JOIN(EDGEPACK_PREFIX, word)
#define CONSTANT(word) JOIN(EDGEPACK_CONSTANT_PREFIX, word)

typedef NAME(status) status;
typedef NAME(model) model;

#define SAME_NUMBER(word) _Static_assert((int)CONSTANT(word) == JOIN(EDGEPACK_, word), "the header numbers its statuses differently")
SAME_NUMBER(OK);
SAME_NUMBER(NULL_ARGUMENT);
SAME_NUMBER(MISALIGNED);
SAME_NUMBER(WRONG_PROCESSOR);
SAME_NUMBER(NOT_OPEN);
SAME_NUMBER(NOT_WEIGHTS);
SAME_NUMBER(TRUNCATED_WEIGHTS);
SAME_NUMBER(DAMAGED_WEIGHTS);
SAME_NUMBER(OTHER_WEIGHTS);
SAME_NUMBER(OUTPUT_DIFFERS);

// Entries.swift.
int32_t edgepack_check_header(const void *weights, ptrdiff_t count);
int32_t edgepack_check_segments(const void *weights, ptrdiff_t count);
void edgepack_run_in_place(const void *weights, int8_t *arena);
void edgepack_put_real_input(int8_t *arena, const void *sample);
void edgepack_put_stored_input(int8_t *arena, const void *sample);
void edgepack_put_quantized_input(int8_t *arena, const int8_t *sample);
int32_t edgepack_self_test(const void *weights, ptrdiff_t count, int8_t *arena);

// Startup/processor.c: the name of the first feature that this processor lacks, or null.
const char *edgepack_missing_feature(void);

// What `state` holds in a model that is open.
#define OPEN 0x45504B31u

static int is_aligned(const void *pointer, uintptr_t alignment) { return ((uintptr_t)pointer & (alignment - 1)) == 0; }

status NAME(open_unchecked)(model *model, const void *weights, size_t weights_bytes) {
  if (!model || !weights) return CONSTANT(NULL_ARGUMENT);
  model->state = 0;
  if (edgepack_missing_feature()) return CONSTANT(WRONG_PROCESSOR);
  if (!is_aligned(weights, CONSTANT(WEIGHTS_ALIGNMENT))) return CONSTANT(MISALIGNED);
  if (weights_bytes > PTRDIFF_MAX) weights_bytes = PTRDIFF_MAX;
  status fault = (status)edgepack_check_header(weights, (ptrdiff_t)weights_bytes);
  if (fault) return fault;
  model->weights = weights;
  model->weights_bytes = weights_bytes;
  model->state = OPEN;
  return CONSTANT(OK);
}

status NAME(check_weights)(const model *model) {
  if (!model) return CONSTANT(NULL_ARGUMENT);
  if (model->state != OPEN) return CONSTANT(NOT_OPEN);
  return (status)edgepack_check_segments(model->weights, (ptrdiff_t)model->weights_bytes);
}

status NAME(open)(model *model, const void *weights, size_t weights_bytes) {
  status fault = NAME(open_unchecked)(model, weights, weights_bytes);
  if (!fault) fault = NAME(check_weights)(model);
  if (fault && model) model->state = 0;
  return fault;
}

// What is wrong with the arguments that every run has.
static status run_fault(const model *model, const void *arena) {
  if (!model || !arena) return CONSTANT(NULL_ARGUMENT);
  if (model->state != OPEN) return CONSTANT(NOT_OPEN);
  return is_aligned(arena, CONSTANT(ARENA_ALIGNMENT)) ? CONSTANT(OK) : CONSTANT(MISALIGNED);
}

// The int8 answer in the arena.
static const int8_t *answer(const void *arena) { return (const int8_t *)arena + CONSTANT(OUTPUT_OFFSET); }

static void copy_answer(const void *arena, int8_t *output) {
  for (size_t index = 0; index < CONSTANT(OUTPUT_COUNT); index++) output[index] = answer(arena)[index];
}

status NAME(run_in_place)(const model *model, void *arena) {
  status fault = run_fault(model, arena);
  if (fault) return fault;
  edgepack_run_in_place(model->weights, arena);
  return CONSTANT(OK);
}

status NAME(run)(const model *model, void *arena, const float *input, float *output) {
  if (!input || !output) return CONSTANT(NULL_ARGUMENT);
  status fault = run_fault(model, arena);
  if (fault) return fault;
  edgepack_put_real_input(arena, input);
  edgepack_run_in_place(model->weights, arena);
  NAME(dequantize_output)(answer(arena), output);
  return CONSTANT(OK);
}

#if defined(EDGEPACK_STORED_SAMPLES)
status NAME(run_stored)(const model *model, void *arena, const NAME(element) *input, int8_t *output) {
  if (!input || !output) return CONSTANT(NULL_ARGUMENT);
  status fault = run_fault(model, arena);
  if (fault) return fault;
  edgepack_put_stored_input(arena, input);
  edgepack_run_in_place(model->weights, arena);
  copy_answer(arena, output);
  return CONSTANT(OK);
}
#endif

status NAME(run_quantized)(const model *model, void *arena, const int8_t *input, int8_t *output) {
  if (!input || !output) return CONSTANT(NULL_ARGUMENT);
  status fault = run_fault(model, arena);
  if (fault) return fault;
  edgepack_put_quantized_input(arena, input);
  edgepack_run_in_place(model->weights, arena);
  copy_answer(arena, output);
  return CONSTANT(OK);
}

void NAME(dequantize_output)(const int8_t *output, float *real) {
  for (size_t index = 0; index < CONSTANT(OUTPUT_COUNT); index++)
    real[index] = CONSTANT(OUTPUT_SCALE) * (float)(output[index] - CONSTANT(OUTPUT_ZERO_POINT));
}

status NAME(self_test)(const model *model, void *arena) {
  status fault = run_fault(model, arena);
  if (fault) return fault;
  return (status)edgepack_self_test(model->weights, (ptrdiff_t)model->weights_bytes, arena);
}

const char *NAME(status_text)(status status) {
  switch (status) {
  case CONSTANT(OK): return "done";
  case CONSTANT(NULL_ARGUMENT): return "a pointer is null";
  case CONSTANT(MISALIGNED): return "the arena or the weights do not begin at a multiple of their alignment";
  case CONSTANT(WRONG_PROCESSOR): return "this processor lacks a feature that the network was compiled for";
  case CONSTANT(NOT_OPEN): return "the model is not open";
  case CONSTANT(NOT_WEIGHTS): return "these bytes are no weights file of this version";
  case CONSTANT(TRUNCATED_WEIGHTS): return "the weights end too early";
  case CONSTANT(DAMAGED_WEIGHTS): return "the weights are damaged: a checksum differs";
  case CONSTANT(OTHER_WEIGHTS): return "the weights belong to another build of the network";
  case CONSTANT(OUTPUT_DIFFERS): return "the self-test found a different output";
  }
  return "unknown status";
}
