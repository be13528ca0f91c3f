#include "CKernels.h"
#include "clones.h"

// y = x wᵀ as dot products of rows: both factors lie along k, so nothing is packed and no value depends on how many rows
// the other factor has. Registers hold a tile of sums; a block of x stays in the second-level cache while w streams by.
//
// The vector width and the tile differ by processor, so each level is compiled by itself from one template.

/// Rows of x that are taken at a time.
enum { ROW_BLOCK = 96 };

#define CK_DOT_TILE(NAME, TARGET, LANES, XR, WR)                                                                      \
    typedef float NAME##_vector __attribute__((vector_size(4 * LANES), aligned(4)));                                  \
    TARGET static inline __attribute__((always_inline)) void NAME##_tile(                                             \
        int xr, int wr, float *restrict y, size_t y_stride, const float *restrict x, size_t x_stride,                 \
        const float *restrict w, size_t w_stride, size_t k, int accumulating) {                                       \
        NAME##_vector sums[WR][XR];                                                                                   \
        _Pragma("clang loop unroll(full)") for (int j = 0; j < wr; j++)                                               \
            _Pragma("clang loop unroll(full)") for (int i = 0; i < xr; i++) sums[j][i] = (NAME##_vector){0};          \
        size_t p = 0;                                                                                                 \
        for (; p + LANES <= k; p += LANES) {                                                                          \
            NAME##_vector rows[XR];                                                                                   \
            _Pragma("clang loop unroll(full)") for (int i = 0; i < xr; i++)                                           \
                rows[i] = *(const NAME##_vector *)(x + (size_t)i * x_stride + p);                                     \
            _Pragma("clang loop unroll(full)") for (int j = 0; j < wr; j++) {                                         \
                NAME##_vector weight = *(const NAME##_vector *)(w + (size_t)j * w_stride + p);                        \
                _Pragma("clang loop unroll(full)") for (int i = 0; i < xr; i++) sums[j][i] += weight * rows[i];       \
            }                                                                                                         \
        }                                                                                                             \
        _Pragma("clang loop unroll(full)") for (int j = 0; j < wr; j++)                                               \
            _Pragma("clang loop unroll(full)") for (int i = 0; i < xr; i++) {                                         \
                float sum = 0;                                                                                        \
                _Pragma("clang loop unroll(full)") for (int lane = 0; lane < LANES; lane++) sum += sums[j][i][lane];  \
                for (size_t q = p; q < k; q++)                                                                        \
                    sum += x[(size_t)i * x_stride + q] * w[(size_t)j * w_stride + q];                                 \
                float *target = y + (size_t)i * y_stride + j;                                                         \
                *target = accumulating ? *target + sum : sum;                                                         \
            }                                                                                                         \
    }                                                                                                                 \
    TARGET static void NAME(float *restrict y, size_t y_stride, const float *restrict x, size_t x_stride,             \
                            const float *restrict w, size_t w_stride, size_t m, size_t n, size_t k,                   \
                            int accumulating) {                                                                       \
        for (size_t block = 0; block < m; block += ROW_BLOCK) {                                                       \
            size_t end = block + ROW_BLOCK < m ? block + ROW_BLOCK : m;                                               \
            size_t j = 0;                                                                                             \
            for (; j + WR <= n; j += WR) {                                                                            \
                size_t i = block;                                                                                     \
                for (; i + XR <= end; i += XR)                                                                        \
                    NAME##_tile(XR, WR, y + i * y_stride + j, y_stride, x + i * x_stride, x_stride,                   \
                                w + j * w_stride, w_stride, k, accumulating);                                         \
                for (; i < end; i++)                                                                                  \
                    NAME##_tile(1, WR, y + i * y_stride + j, y_stride, x + i * x_stride, x_stride,                    \
                                w + j * w_stride, w_stride, k, accumulating);                                         \
            }                                                                                                         \
            for (; j < n; j++)                                                                                        \
                for (size_t i = block; i < end; i++)                                                                  \
                    NAME##_tile(1, 1, y + i * y_stride + j, y_stride, x + i * x_stride, x_stride,                     \
                                w + j * w_stride, w_stride, k, accumulating);                                         \
        }                                                                                                             \
    }

#if defined(__x86_64__) && defined(__linux__)
CK_DOT_TILE(dot_v4, __attribute__((target("arch=x86-64-v4"))), 16, 4, 6)
CK_DOT_TILE(dot_v3, __attribute__((target("arch=x86-64-v3"))), 8, 3, 4)
#endif
CK_DOT_TILE(dot_plain, , 4, 2, 4)

void ck_dot_products(float *restrict y, size_t y_stride, const float *restrict x, size_t x_stride,
                     const float *restrict w, size_t w_stride, size_t m, size_t n, size_t k, int accumulating) {
#if defined(__x86_64__) && defined(__linux__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("x86-64-v4")) return dot_v4(y, y_stride, x, x_stride, w, w_stride, m, n, k, accumulating);
    if (__builtin_cpu_supports("x86-64-v3")) return dot_v3(y, y_stride, x, x_stride, w, w_stride, m, n, k, accumulating);
#endif
    dot_plain(y, y_stride, x, x_stride, w, w_stride, m, n, k, accumulating);
}
