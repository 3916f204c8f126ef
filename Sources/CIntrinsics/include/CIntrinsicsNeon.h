// NEON wrappers for DeviceKernels/Int8/*+Neon.swift.
#include <arm_neon.h>
