/*
 * A C program with a packed network inside. It reads an image of 64 bytes (8 x 8 pixels, 0 to 16) from an npy file and says which digit
 * it shows. With a third argument, an npy file of the expected int8 output, it ends with 1 unless every byte is equal.
 *
 *     library-c WEIGHTS.epk INPUT.npy [OUTPUT.npy]
 */
#include "digits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Everything that the network needs, without a heap. */
static _Alignas(DIGITS_WEIGHTS_ALIGNMENT) unsigned char weights[DIGITS_WEIGHTS_BYTES];
static _Alignas(DIGITS_ARENA_ALIGNMENT) unsigned char arena[DIGITS_ARENA_BYTES];

static void fail(const char *subject, const char *message) {
  fprintf(stderr, "error: %s: %s\n", subject, message);
  exit(2);
}

/* Reads the whole of `bytes` bytes at the end of a file: an npy file is a header and the elements. */
static void read_end(const char *path, void *destination, size_t bytes) {
  FILE *file = fopen(path, "rb");
  if (!file) fail(path, "cannot be opened");
  if (fseek(file, -(long)bytes, SEEK_END) != 0 || fread(destination, 1, bytes, file) != bytes) fail(path, "is too short");
  fclose(file);
}

static void check(digits_status status) {
  if (status != DIGITS_OK) fail("digits", digits_status_text(status));
}

int main(int count, char **words) {
  digits_model model;
  digits_element image[DIGITS_INPUT_COUNT];
  int8_t output[DIGITS_OUTPUT_COUNT];
  float scores[DIGITS_OUTPUT_COUNT];
  size_t index, best = 0;

  if (count != 3 && count != 4) fail("usage", "library-c WEIGHTS.epk INPUT.npy [OUTPUT.npy]");
  read_end(words[1], weights, sizeof weights);
  check(digits_open(&model, weights, sizeof weights));

  read_end(words[2], image, sizeof image);
  check(digits_run_stored(&model, arena, image, output));

  digits_dequantize_output(output, scores);
  for (index = 1; index < DIGITS_OUTPUT_COUNT; index++)
    if (scores[index] > scores[best]) best = index;
  printf("it is a %d, score %.2f\n", (int)best, scores[best]);

  if (count == 4) {
    int8_t expected[DIGITS_OUTPUT_COUNT];
    read_end(words[3], expected, sizeof expected);
    if (memcmp(output, expected, sizeof output) != 0) {
      fprintf(stderr, "the output differs from %s\n", words[3]);
      return 1;
    }
  }
  return 0;
}
