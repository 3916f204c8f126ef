// The functions that compilers call without being asked. Byte loops with a fast path of 16 bytes; -ffreestanding keeps them loops.
typedef unsigned long size;
typedef unsigned char block16 __attribute__((vector_size(16), aligned(1)));

void *memset(void *destination, int value, size count) {
  unsigned char *to = destination;
  block16 pattern = (block16){} + (unsigned char)value;
  for (; count >= 16; count -= 16, to += 16) *(block16 *)to = pattern;
  for (; count > 0; count--) *to++ = (unsigned char)value;
  return destination;
}

void *memmove(void *destination, const void *source, size count) {
  unsigned char *to = destination;
  const unsigned char *from = source;
  if ((size)to - (size)from >= count) {
    for (; count >= 16; count -= 16, to += 16, from += 16) *(block16 *)to = *(const block16 *)from;
    for (; count > 0; count--) *to++ = *from++;
  } else {
    for (; count >= 16; count -= 16) *(block16 *)(to + count - 16) = *(const block16 *)(from + count - 16);
    for (; count > 0; count--) to[count - 1] = from[count - 1];
  }
  return destination;
}

void *memcpy(void *destination, const void *source, size count) { return memmove(destination, source, count); }
