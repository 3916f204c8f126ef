// The memory of the threads besides the main one: scratch, then the stack, which ends where the next thread's begins. The stack is as
// large as the deepest chain of calls of `device_worker`, which is known once the program is linked; so there is no guard page.
// EDGEPACK_WORKERS, EDGEPACK_WORKER_BYTES: how many, and bytes of each, a multiple of 64.
unsigned char edgepack_worker_memory[EDGEPACK_WORKERS * EDGEPACK_WORKER_BYTES] __attribute__((aligned(64)));
const long edgepack_worker_bytes = EDGEPACK_WORKER_BYTES;
