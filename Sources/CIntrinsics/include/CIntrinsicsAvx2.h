// AVX2 wrappers for DeviceKernels/Int8/*+Avx2.swift.
#include <immintrin.h>
