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
    TARGET static inline __attribute__((always_inline)) float NAME##_sum(NAME##_vector vector) {                      \
        float lanes[LANES];                                                                                           \
        *(NAME##_vector *)lanes = vector;                                                                             \
        _Pragma("clang loop unroll(full)") for (int width = LANES / 2; width > 0; width /= 2)                         \
            _Pragma("clang loop unroll(full)") for (int i = 0; i < width; i++) lanes[i] += lanes[i + width];          \
        return lanes[0];                                                                                              \
    }                                                                                                                 \
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
                float sum = NAME##_sum(sums[j][i]);                                                                   \
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
                /* While these rows of w are used the next ones are fetched, a part beside each tile. */              \
                const char *next = (const char *)(w + (j + WR) * w_stride);                                           \
                size_t tiles = (end - block + XR - 1) / XR;                                                           \
                size_t part = j + 2 * WR <= n ? (4 * WR * w_stride / tiles + 63) / 64 * 64 : 0;                       \
                size_t i = block;                                                                                     \
                for (; i + XR <= end; i += XR) {                                                                      \
                    for (size_t byte = 0; byte < part; byte += 64) __builtin_prefetch(next + byte);                   \
                    next += part;                                                                                     \
                    NAME##_tile(XR, WR, y + i * y_stride + j, y_stride, x + i * x_stride, x_stride,                   \
                                w + j * w_stride, w_stride, k, accumulating);                                         \
                }                                                                                                     \
                for (; i < end; i++)                                                                                  \
                    NAME##_tile(1, WR, y + i * y_stride + j, y_stride, x + i * x_stride, x_stride,                    \
                                w + j * w_stride, w_stride, k, accumulating);                                         \
            }                                                                                                         \
            for (; j + 4 <= n; j += 4) {                                                                              \
                size_t i = block;                                                                                     \
                for (; i + XR <= end; i += XR)                                                                        \
                    NAME##_tile(XR, 4, y + i * y_stride + j, y_stride, x + i * x_stride, x_stride,                    \
                                w + j * w_stride, w_stride, k, accumulating);                                         \
                for (; i < end; i++)                                                                                  \
                    NAME##_tile(1, 4, y + i * y_stride + j, y_stride, x + i * x_stride, x_stride,                     \
                                w + j * w_stride, w_stride, k, accumulating);                                         \
            }                                                                                                         \
            for (; j < n; j++)                                                                                        \
                for (size_t i = block; i < end; i++)                                                                  \
                    NAME##_tile(1, 1, y + i * y_stride + j, y_stride, x + i * x_stride, x_stride,                     \
                                w + j * w_stride, w_stride, k, accumulating);                                         \
        }                                                                                                             \
    }

#if defined(__x86_64__) && defined(__linux__)
CK_DOT_TILE(dot_v4, CK_LEVEL_4, 16, 4, 6)
CK_DOT_TILE(dot_v3, CK_LEVEL_3, 8, 2, 6)
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

// y = p v for few rows of p: the sums of a part of a row of y stay in registers while the rows of v go by.

enum { SUM_PART = 32 };

CK_CLONES void ck_weighted_rows(float *restrict y, size_t y_stride, const float *restrict p, size_t p_stride,
                                const float *restrict v, size_t v_stride, size_t m, size_t n, size_t k,
                                int accumulating) {
    for (size_t i = 0; i < m; i++) {
        size_t j = 0;
        for (; j + SUM_PART <= n; j += SUM_PART) {
            float sums[SUM_PART];
            float *target = y + i * y_stride + j;
            for (int lane = 0; lane < SUM_PART; lane++) sums[lane] = accumulating ? target[lane] : 0;
            for (size_t q = 0; q < k; q++) {
                float weight = p[i * p_stride + q];
                const float *row = v + q * v_stride + j;
                for (int lane = 0; lane < SUM_PART; lane++) sums[lane] += weight * row[lane];
            }
            for (int lane = 0; lane < SUM_PART; lane++) target[lane] = sums[lane];
        }
        for (; j < n; j++) {
            float sum = accumulating ? y[i * y_stride + j] : 0;
            for (size_t q = 0; q < k; q++) sum += p[i * p_stride + q] * v[q * v_stride + j];
            y[i * y_stride + j] = sum;
        }
    }
}
