// What the functions of a library answer. The emitted header gives these numbers their public names, `interface.c` insists on them.
#define EDGEPACK_OK 0
#define EDGEPACK_NULL_ARGUMENT 1
#define EDGEPACK_MISALIGNED 2
#define EDGEPACK_WRONG_PROCESSOR 3
#define EDGEPACK_NOT_OPEN 4
#define EDGEPACK_NOT_WEIGHTS 5
#define EDGEPACK_TRUNCATED_WEIGHTS 6
#define EDGEPACK_DAMAGED_WEIGHTS 7
#define EDGEPACK_OTHER_WEIGHTS 8
#define EDGEPACK_OUTPUT_DIFFERS 9
