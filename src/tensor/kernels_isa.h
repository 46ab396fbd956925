/* The sets of kernels, each compiled for its own instructions (CMakeLists.txt). */
#ifndef XP_TENSOR_KERNELS_ISA_H
#define XP_TENSOR_KERNELS_ISA_H

#include "tensor/kernels.h"

#if defined(__x86_64__)
extern const xp_kernels xp_kernels_avx512, xp_kernels_avx2;
#elif defined(__aarch64__)
extern const xp_kernels xp_kernels_neon;
#endif
extern const xp_kernels xp_kernels_scalar;

#endif
