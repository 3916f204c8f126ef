// What threads need of C: atomic words, a hint to the processor, and the memory that the linker provides. Orders are C11's; where none is
// named it is sequential consistency.

/// Everything that was written before the value that is read is visible afterwards.
EDGEPACK_INLINE uint32_t edgepack_atomic_load(const uint32_t *_Nonnull word) { return __atomic_load_n(word, __ATOMIC_SEQ_CST); }

EDGEPACK_INLINE void edgepack_atomic_store(uint32_t *_Nonnull word, uint32_t value) { __atomic_store_n(word, value, __ATOMIC_SEQ_CST); }

/// These return what the word held before.
EDGEPACK_INLINE uint32_t edgepack_atomic_add(uint32_t *_Nonnull word, uint32_t value) {
  return __atomic_fetch_add(word, value, __ATOMIC_SEQ_CST);
}
EDGEPACK_INLINE uint32_t edgepack_atomic_subtract(uint32_t *_Nonnull word, uint32_t value) {
  return __atomic_fetch_sub(word, value, __ATOMIC_SEQ_CST);
}
EDGEPACK_INLINE uint32_t edgepack_atomic_or(uint32_t *_Nonnull word, uint32_t value) {
  return __atomic_fetch_or(word, value, __ATOMIC_SEQ_CST);
}

/// Subtracts one from a word whose masked bits are not zero. Returns what it held before: these bits are zero if nothing was taken. Reads
/// only, while there is nothing.
EDGEPACK_INLINE uint32_t edgepack_atomic_take(uint32_t *_Nonnull word, uint32_t mask) {
  uint32_t seen = __atomic_load_n(word, __ATOMIC_RELAXED);
  while ((seen & mask) && !__atomic_compare_exchange_n(word, &seen, seen - 1, 1, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
  }
  return seen;
}

/// Tells the core that this loop only waits: some 40 to 140 cycles on x86-64; on arm64 the pipeline is emptied (`yield` is no hint there).
EDGEPACK_INLINE void edgepack_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  __asm__ volatile("isb" ::: "memory");
#endif
}

/// The pool's words and what goes with them, each in a line of its own (128 bytes: lines are fetched in pairs).
#define EDGEPACK_POOL_LINE 128
EDGEPACK_INLINE void *_Nonnull edgepack_pool_memory(void) {
  static unsigned char memory[5 * EDGEPACK_POOL_LINE] __attribute__((aligned(EDGEPACK_POOL_LINE)));
  return memory;
}

/// Scratch and stack of every thread but the first, `edgepack_worker_bytes` each (Startup/workers.c). Hidden, so that their addresses need no
/// table in memory.
#define EDGEPACK_HIDDEN __attribute__((visibility("hidden")))
EDGEPACK_INLINE void *_Nonnull edgepack_workers(void) {
  extern unsigned char edgepack_worker_memory[] EDGEPACK_HIDDEN;
  return edgepack_worker_memory;
}
EDGEPACK_INLINE long edgepack_bytes_of_worker(void) {
  extern const long edgepack_worker_bytes EDGEPACK_HIDDEN;
  return edgepack_worker_bytes;
}

/// In Startup: clone with the given system call number and flags. The new thread calls `device_worker(argument)` on the stack below `top`.
long edgepack_start_thread(long number, long flags, void *_Nonnull top, void *_Nonnull argument);
