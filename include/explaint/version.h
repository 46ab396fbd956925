/* The version of the library, and what it was built with.
 *
 *     printf("explaint %s, %s, BLAS %s\n", explaint_version(), explaint_build(), explaint_blas());
 */
#ifndef EXPLAINT_VERSION_H
#define EXPLAINT_VERSION_H

#include "explaint/error.h"

#define EXPLAINT_VERSION "0.1.0"

#ifdef __cplusplus
extern "C" {
#endif

EXPLAINT_API const char *explaint_version(void); /* "0.1.0" */
EXPLAINT_API const char *explaint_build(void);   /* compiler, build type */
EXPLAINT_API const char *explaint_blas(
    void); /* the BLAS core that this machine uses; "one caller at a time": an OpenBLAS without threads, which is slower */
EXPLAINT_API const char *explaint_cpu(void); /* CPU features that matter, "avx2 avx512f" */

#ifdef __cplusplus
}
#endif
#endif
