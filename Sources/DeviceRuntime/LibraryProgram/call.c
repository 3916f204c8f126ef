// The call of a library as its users write it.
#include EDGEPACK_HEADER

#define PASTE(a, b) a##b
#define JOIN(a, b) PASTE(a, b)
#define NAME(word) JOIN(EDGEPACK_PREFIX, word)

/// Runs the network on the input in the arena. - Returns: null, or why not.
const char *edgepack_run_library(const void *weights, ptrdiff_t weights_bytes, void *arena) {
  static NAME(model) model;
  NAME(status) status = model.weights ? 0 : NAME(open_unchecked)(&model, weights, (size_t)weights_bytes);
  if (!status) status = NAME(run_in_place)(&model, arena);
  return status ? NAME(status_text)(status) : 0;
}
