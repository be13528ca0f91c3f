#include "CKernels.h"
#include "clones.h"

// y = p v and y = pᵀ v for factors that are used as they lie: a tile of y stays in registers while the rows of v go by.
// Nothing is packed, which for narrow products takes as long as they do.
//
// The vector width and the tile differ by processor, so each level is compiled by itself from one template.

/// Rows of v that are taken at a time: their part of a tile's columns stays in the first-level cache.
enum { STEP_BLOCK = 128 };

#define CK_TILES(NAME, TARGET, LANES, ROWS, VECTORS)                                                                  \
    typedef float NAME##_vector __attribute__((vector_size(4 * LANES), aligned(4)));                                  \
    TARGET static inline __attribute__((always_inline)) void NAME##_tile(                                             \
        int rows, int vectors, float *restrict y, size_t y_stride, const float *restrict p, size_t p_row,             \
        size_t p_step, const float *restrict v, size_t v_stride, size_t k, int accumulating) {                        \
        NAME##_vector sums[ROWS][VECTORS];                                                                            \
        _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++)                                             \
            _Pragma("clang loop unroll(full)") for (int j = 0; j < vectors; j++)                                      \
                sums[i][j] = accumulating                                                                             \
                    ? *(const NAME##_vector *)(y + (size_t)i * y_stride + j * LANES) : (NAME##_vector){0};            \
        for (size_t q = 0; q < k; q++) {                                                                              \
            NAME##_vector values[VECTORS];                                                                            \
            _Pragma("clang loop unroll(full)") for (int j = 0; j < vectors; j++)                                      \
                values[j] = *(const NAME##_vector *)(v + q * v_stride + j * LANES);                                   \
            _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++) {                                       \
                float weight = p[(size_t)i * p_row + q * p_step];                                                     \
                _Pragma("clang loop unroll(full)") for (int j = 0; j < vectors; j++) sums[i][j] += weight * values[j];\
            }                                                                                                         \
        }                                                                                                             \
        _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++)                                             \
            _Pragma("clang loop unroll(full)") for (int j = 0; j < vectors; j++)                                      \
                *(NAME##_vector *)(y + (size_t)i * y_stride + j * LANES) = sums[i][j];                                \
    }                                                                                                                 \
    TARGET static inline __attribute__((always_inline)) void NAME##_columns(                                          \
        int vectors, float *restrict y, size_t y_stride, const float *restrict p, size_t p_row, size_t p_step,        \
        const float *restrict v, size_t v_stride, size_t m, size_t k, int accumulating) {                             \
        size_t i = 0;                                                                                                 \
        for (; i + ROWS <= m; i += ROWS)                                                                              \
            NAME##_tile(ROWS, vectors, y + i * y_stride, y_stride, p + i * p_row, p_row, p_step, v, v_stride, k,      \
                        accumulating);                                                                                \
        for (; i + 4 <= m; i += 4)                                                                                    \
            NAME##_tile(4, vectors, y + i * y_stride, y_stride, p + i * p_row, p_row, p_step, v, v_stride, k,         \
                        accumulating);                                                                                \
        for (; i < m; i++)                                                                                            \
            NAME##_tile(1, vectors, y + i * y_stride, y_stride, p + i * p_row, p_row, p_step, v, v_stride, k,         \
                        accumulating);                                                                                \
    }                                                                                                                 \
    TARGET static void NAME(float *restrict y, size_t y_stride, const float *restrict p, size_t p_row, size_t p_step, \
                            const float *restrict v, size_t v_stride, size_t m, size_t n, size_t k,                   \
                            int accumulating) {                                                                       \
        for (size_t block = 0; block < k; block += STEP_BLOCK) {                                                      \
            size_t count = block + STEP_BLOCK < k ? STEP_BLOCK : k - block;                                           \
            const float *weights = p + block * p_step, *values = v + block * v_stride;                                \
            int adding = accumulating || block > 0;                                                                   \
            size_t j = 0;                                                                                             \
            for (; j + VECTORS * LANES <= n; j += VECTORS * LANES)                                                    \
                NAME##_columns(VECTORS, y + j, y_stride, weights, p_row, p_step, values + j, v_stride, m, count,      \
                               adding);                                                                               \
            for (; j + 2 * LANES <= n; j += 2 * LANES)                                                                \
                NAME##_columns(2, y + j, y_stride, weights, p_row, p_step, values + j, v_stride, m, count, adding);   \
            for (; j + LANES <= n; j += LANES)                                                                        \
                NAME##_columns(1, y + j, y_stride, weights, p_row, p_step, values + j, v_stride, m, count, adding);   \
            for (; j < n; j++)                                                                                        \
                for (size_t i = 0; i < m; i++) {                                                                      \
                    float sum = adding ? y[i * y_stride + j] : 0;                                                     \
                    for (size_t q = 0; q < count; q++)                                                                \
                        sum += weights[i * p_row + q * p_step] * values[q * v_stride + j];                            \
                    y[i * y_stride + j] = sum;                                                                        \
                }                                                                                                     \
        }                                                                                                             \
    }

#if defined(__x86_64__) && defined(__linux__)
CK_TILES(tiles_v4, CK_LEVEL_4, 16, 6, 4)
CK_TILES(tiles_v3, CK_LEVEL_3, 8, 6, 2)
#endif
CK_TILES(tiles_plain, , 4, 4, 2)

void ck_tile_products(float *restrict y, size_t y_stride, const float *restrict p, size_t p_row, size_t p_step,
                      const float *restrict v, size_t v_stride, size_t m, size_t n, size_t k, int accumulating) {
#if defined(__x86_64__) && defined(__linux__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("x86-64-v4"))
        return tiles_v4(y, y_stride, p, p_row, p_step, v, v_stride, m, n, k, accumulating);
    if (__builtin_cpu_supports("x86-64-v3"))
        return tiles_v3(y, y_stride, p, p_row, p_step, v, v_stride, m, n, k, accumulating);
#endif
    tiles_plain(y, y_stride, p, p_row, p_step, v, v_stride, m, n, k, accumulating);
}
