/* Packing, product and update of a symmetric matrix of REALs, WIDTH of which are a VECTOR with the sum TOTAL: included by packed.c for each
 * precision, which NAMEs them. Not a header to include elsewhere. */

static void NAME(pack)(size_t n, const REAL *a, size_t lda, REAL *packed) {
    for (size_t i = 0; i < n; i++) {
        const size_t first = i / ROWS * ROWS;
        memcpy(packed, a + i * lda + first, (n - first) * sizeof *packed);
        packed += n - first;
    }
}

XP_CLONES static void NAME(multiply)(size_t n, const REAL *packed, const REAL *all_x, REAL *all_y) {
    memset(all_y, 0, n * sizeof *all_y);
    size_t i = 0;
    for (; i + ROWS <= n; i += ROWS) {
        const size_t length = n - i; /* columns of the panel, its first four are the square on the diagonal */
        const REAL *r0 = packed, *r1 = r0 + length, *r2 = r1 + length, *r3 = r2 + length, *x = all_x + i;
        const REAL x0 = x[0], x1 = x[1], x2 = x[2], x3 = x[3];
        REAL *y = all_y + i;
        packed += ROWS * length;
        y[0] += r0[0] * x0 + r0[1] * x1 + r0[2] * x2 + r0[3] * x3;
        y[1] += r0[1] * x0 + r1[1] * x1 + r1[2] * x2 + r1[3] * x3;
        y[2] += r0[2] * x0 + r1[2] * x1 + r2[2] * x2 + r2[3] * x3;
        y[3] += r0[3] * x0 + r1[3] * x1 + r2[3] * x2 + r3[3] * x3;
        VECTOR s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
        size_t j = ROWS;
        for (; j + WIDTH <= length; j += WIDTH) {
            const VECTOR a0 = *(const VECTOR *)(r0 + j), a1 = *(const VECTOR *)(r1 + j), a2 = *(const VECTOR *)(r2 + j),
                         a3 = *(const VECTOR *)(r3 + j), xj = *(const VECTOR *)(x + j);
            s0 += a0 * xj;
            s1 += a1 * xj;
            s2 += a2 * xj;
            s3 += a3 * xj;
            *(VECTOR *)(y + j) += (a0 * x0 + a1 * x1) + (a2 * x2 + a3 * x3);
        }
        REAL part[ROWS][WIDTH];
        memcpy(part[0], &s0, sizeof s0);
        memcpy(part[1], &s1, sizeof s1);
        memcpy(part[2], &s2, sizeof s2);
        memcpy(part[3], &s3, sizeof s3);
        for (; j < length; j++) {
            part[0][j % WIDTH] += r0[j] * x[j];
            part[1][j % WIDTH] += r1[j] * x[j];
            part[2][j % WIDTH] += r2[j] * x[j];
            part[3][j % WIDTH] += r3[j] * x[j];
            y[j] += (r0[j] * x0 + r1[j] * x1) + (r2[j] * x2 + r3[j] * x3);
        }
        for (size_t r = 0; r < ROWS; r++) y[r] += TOTAL(part[r]);
    }
    const size_t last = i, length = n - last; /* up to three rows at the end */
    for (; i < n; i++, packed += length) {
        const size_t d = i - last;
        all_y[i] += packed[d] * all_x[i];
        for (size_t j = d + 1; j < length; j++) {
            all_y[i] += packed[j] * all_x[last + j];
            all_y[last + j] += packed[j] * all_x[i];
        }
    }
}

XP_CLONES static void NAME(update)(size_t n, const REAL *restrict p, const REAL *restrict u, REAL *restrict packed) {
    for (size_t i = 0; i < n; i++) {
        const size_t first = i / ROWS * ROWS;
        const REAL pi = p[i], ui = u[i];
        for (size_t j = first; j < n; j++) packed[j - first] -= pi * u[j] + ui * p[j];
        packed += n - first;
    }
}
