#include "CKernels.h"
#include "clones.h"
#include <string.h>

// y = x w in fp32, x as it lies and w in panels: 32 of its columns, one row of them after the other. A weight that is
// expanded is laid into panels on the way, so nothing is packed when it is multiplied, however often that is.
//
// A tile of sums stays in registers while a panel goes by; every sum is formed from the first row of w to the last, so no
// value depends on how the product is cut. With vectors of 512 bits that is a tenth faster than a library that packs; with
// vectors of 256 bits it is not, so the other level is there for tests alone.

/// Values of x that are taken at a time stay in the core's own cache while the panels go by.
enum { PANEL = 32, X_VALUES = 1 << 16 };

#define CK_PANELS(NAME, TARGET, LANES, ROWS)                                                                          \
    typedef float NAME##_vector __attribute__((vector_size(4 * LANES), aligned(4)));                                  \
    TARGET CK_INLINE void NAME##_tile(int rows, float *restrict y, size_t y_stride, const float *restrict x,          \
                                      size_t x_stride, const float *restrict w, size_t k, int accumulating) {         \
        NAME##_vector sums[ROWS][2];                                                                                  \
        _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++)                                             \
            _Pragma("clang loop unroll(full)") for (int j = 0; j < 2; j++)                                            \
                sums[i][j] = accumulating ? *(const NAME##_vector *)(y + (size_t)i * y_stride + j * LANES)            \
                                          : (NAME##_vector){0};                                                       \
        for (size_t q = 0; q < k; q++) {                                                                              \
            NAME##_vector left = *(const NAME##_vector *)(w + q * PANEL);                                             \
            NAME##_vector right = *(const NAME##_vector *)(w + q * PANEL + LANES);                                    \
            _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++) {                                       \
                float value = x[(size_t)i * x_stride + q];                                                            \
                sums[i][0] += value * left;                                                                           \
                sums[i][1] += value * right;                                                                          \
            }                                                                                                         \
        }                                                                                                             \
        _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++)                                             \
            _Pragma("clang loop unroll(full)") for (int j = 0; j < 2; j++)                                            \
                *(NAME##_vector *)(y + (size_t)i * y_stride + j * LANES) = sums[i][j];                                \
    }                                                                                                                 \
    TARGET static void NAME##_panel(float *restrict y, size_t y_stride, const float *restrict x, size_t x_stride,     \
                                    const float *restrict w, size_t m, size_t k, int accumulating) {                  \
        for (size_t j = 0; j < PANEL; j += 2 * LANES, y += 2 * LANES, w += 2 * LANES) {                               \
            size_t i = 0;                                                                                             \
            for (; i + ROWS <= m; i += ROWS)                                                                          \
                NAME##_tile(ROWS, y + i * y_stride, y_stride, x + i * x_stride, x_stride, w, k, accumulating);        \
            for (; i + 3 <= m; i += 3)                                                                                \
                NAME##_tile(3, y + i * y_stride, y_stride, x + i * x_stride, x_stride, w, k, accumulating);           \
            for (; i < m; i++)                                                                                        \
                NAME##_tile(1, y + i * y_stride, y_stride, x + i * x_stride, x_stride, w, k, accumulating);           \
        }                                                                                                             \
    }

#if defined(__x86_64__) && defined(__linux__)
CK_PANELS(panels_v4, CK_LEVEL_4, 16, 8)
#endif
CK_PANELS(panels_plain, , 4, 4)

typedef void panel_product(float *restrict y, size_t y_stride, const float *restrict x, size_t x_stride,
                           const float *restrict w, size_t m, size_t k, int accumulating);

/// A panel that reaches over the edge of y: computed beside it, some rows at a time.
static void edge_panel(panel_product *product, float *restrict y, size_t y_stride, size_t columns,
                       const float *restrict x, size_t x_stride, const float *restrict w, size_t m, size_t k,
                       int accumulating) {
    enum { EDGE_ROWS = 24 };
    float sums[EDGE_ROWS * PANEL] = {0};
    for (size_t first = 0; first < m; first += EDGE_ROWS) {
        size_t rows = m - first < EDGE_ROWS ? m - first : EDGE_ROWS;
        float *target = y + first * y_stride;
        for (size_t i = 0; accumulating && i < rows; i++)
            memcpy(sums + i * PANEL, target + i * y_stride, columns * sizeof *y);
        product(sums, PANEL, x + first * x_stride, x_stride, w, rows, k, accumulating);
        for (size_t i = 0; i < rows; i++) memcpy(target + i * y_stride, sums + i * PANEL, columns * sizeof *y);
    }
}

size_t ck_panel_values(size_t n, size_t k) { return (n + PANEL - 1) / PANEL * PANEL * k; }

void ck_panel_product(float *restrict y, size_t y_stride, const float *restrict x, size_t x_stride,
                      const float *restrict w, size_t m, size_t n, size_t k, int accumulating) {
    panel_product *product = panels_plain_panel;
#if defined(__x86_64__) && defined(__linux__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("x86-64-v4"))
        product = panels_v4_panel;
#endif
    // A multiple of a tile's rows.
    size_t rows = k > 0 ? X_VALUES / k / 24 * 24 : m;
    if (rows < 24) rows = 24;
    for (size_t first = 0; first < m; first += rows) {
        size_t count = m - first < rows ? m - first : rows;
        for (size_t column = 0; column < n; column += PANEL) {
            float *target = y + first * y_stride + column;
            const float *values = x + first * x_stride, *panel = w + column * k;
            if (column + PANEL <= n)
                product(target, y_stride, values, x_stride, panel, count, k, accumulating);
            else
                edge_panel(product, target, y_stride, n - column, values, x_stride, panel, count, k, accumulating);
        }
    }
}
