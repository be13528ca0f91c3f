#include "CKernels.h"
#include "matrixtiles.h"
#include <string.h>

// y = x w of a weight that its file has as blocks of 32 small integers with a scale each. An integer is a bf16 value as it
// is, so x, an fp32 value in three bf16 parts, takes three products where an expanded weight in three parts would take six.
// A block is as long as a step of the tiles: its sums leave them after every step and are multiplied by its scale there.

enum { PARTS = 3, X_STEP = PARTS * 2 * TILE, W_STEP = 2 * TILE, SUMS = HALF * BLOCK };

#if defined(__x86_64__) && defined(__linux__)
/// The products of one step, 16 rows of x by 32 columns of w, in two tiles; the smallest part of x comes first.
#define CK_STEP_ON_TILES(LEFT, RIGHT, X, W)                                                                            \
    _tile_zero(LEFT);                                                                                                 \
    _tile_zero(RIGHT);                                                                                                \
    _tile_loadd(6, W, 64);                                                                                            \
    _tile_loadd(7, (W) + TILE, 64);                                                                                   \
    _tile_loadd(4, (X) + 4 * TILE, 64);                                                                               \
    _tile_dpbf16ps(LEFT, 4, 6);                                                                                       \
    _tile_dpbf16ps(RIGHT, 4, 7);                                                                                      \
    _tile_loadd(5, (X) + 2 * TILE, 64);                                                                               \
    _tile_dpbf16ps(LEFT, 5, 6);                                                                                       \
    _tile_dpbf16ps(RIGHT, 5, 7);                                                                                      \
    _tile_loadd(4, X, 64);                                                                                            \
    _tile_dpbf16ps(LEFT, 4, 6);                                                                                       \
    _tile_dpbf16ps(RIGHT, 4, 7);

/// Adds the products of `steps` steps (of 512 values each), times the steps' scales, to the sums.
CK_TILED CK_INLINE void add_scaled(float *sums, const float *products, const float *scales, int steps) {
    __m512 left[2], right[2];
    for (int s = 0; s < steps; s++) {
        left[s] = _mm512_loadu_ps(scales + s * BLOCK);
        right[s] = _mm512_loadu_ps(scales + s * BLOCK + HALF);
    }
    for (size_t at = 0; at < SUMS; at += BLOCK) {
        __m512 a = _mm512_load_ps(sums + at), b = _mm512_load_ps(sums + at + HALF);
        for (int s = 0; s < steps; s++) {
            a = _mm512_fmadd_ps(_mm512_load_ps(products + s * SUMS + at), left[s], a);
            b = _mm512_fmadd_ps(_mm512_load_ps(products + s * SUMS + at + HALF), right[s], b);
        }
        _mm512_store_ps(sums + at, a);
        _mm512_store_ps(sums + at + HALF, b);
    }
}

/// Adds x w to the sums (16 x 32). Two steps go through the tiles at a time, and while the next two do, what these left is
/// scaled.
CK_TILED static void add_on_tiles(float *sums, const uint16_t *x, const uint16_t *w, const float *scales, size_t steps) {
    _Alignas(64) float products[2][2 * SUMS];
    size_t pairs = steps / 2;
    for (size_t p = 0; p < pairs; p++, x += 2 * X_STEP, w += 2 * W_STEP) {
        float *first = products[p & 1], *second = first + SUMS;
        CK_STEP_ON_TILES(0, 1, x, w)
        CK_STEP_ON_TILES(2, 3, x + X_STEP, w + W_STEP)
        _tile_stored(0, first, 4 * BLOCK);
        _tile_stored(1, first + HALF, 4 * BLOCK);
        _tile_stored(2, second, 4 * BLOCK);
        _tile_stored(3, second + HALF, 4 * BLOCK);
        if (p > 0) add_scaled(sums, products[(p - 1) & 1], scales + (p - 1) * 2 * BLOCK, 2);
    }
    if (pairs > 0) add_scaled(sums, products[(pairs - 1) & 1], scales + (pairs - 1) * 2 * BLOCK, 2);
    if (steps % 2 == 0) return;
    CK_STEP_ON_TILES(0, 1, x, w)
    _tile_stored(0, products[0], 4 * BLOCK);
    _tile_stored(1, products[0] + HALF, 4 * BLOCK);
    add_scaled(sums, products[0], scales + 2 * pairs * BLOCK, 1);
}
#else
static void add_on_tiles(float *sums, const uint16_t *x, const uint16_t *w, const float *scales, size_t steps) {
    (void)sums, (void)x, (void)w, (void)scales, (void)steps;
}
#endif

/// What `add_on_tiles` computes, where there are no tiles; in the same order but for the sums within a pair.
CK_CLONES static void add_plainly(float *sums, const uint16_t *x, const uint16_t *w, const float *scales, size_t steps) {
    for (size_t at = 0; at < SUMS; at += HALF) {
        size_t row = at / BLOCK, half = at % BLOCK / HALF;
        for (size_t s = 0; s < steps; s++) {
            float products[HALF] = {0};
            for (size_t part = PARTS; part-- > 0;) {
                const uint16_t *values = x + s * X_STEP + part * 2 * TILE + row * STEP;
                const uint16_t *tile = w + s * W_STEP + half * TILE;
                for (size_t q = 0; q < STEP; q += 2, tile += STEP) {
                    float even = widened(values[q]), odd = widened(values[q + 1]);
                    for (size_t c = 0; c < HALF; c++)
                        products[c] += even * widened(tile[2 * c]) + odd * widened(tile[2 * c + 1]);
                }
            }
            for (size_t c = 0; c < HALF; c++) sums[at + c] += products[c] * scales[s * BLOCK + half * HALF + c];
        }
    }
}

/// Rows of up to 32 values.
CK_INLINE void copy_rows(float *y, size_t y_stride, const float *x, size_t x_stride, size_t rows, size_t columns) {
    for (size_t i = 0; i < rows; i++)
        if (columns == BLOCK)
            memcpy(y + i * y_stride, x + i * x_stride, BLOCK * sizeof *y);
        else
            memcpy(y + i * y_stride, x + i * x_stride, columns * sizeof *y);
}

size_t ck_scale_values(size_t n, size_t k) { return blocks(n) * blocks(k) * BLOCK; }

void ck_scaled_product(float *y, size_t y_stride, const uint16_t *x, const uint16_t *w, const float *scales, size_t m,
                       size_t n, size_t k, int accumulating, int on_tiles) {
    size_t steps = blocks(k), size = steps * X_STEP;
    if (on_tiles) configure();
    // As in `ck_tiled_product`: what is taken of x at a time stays in the core's own cache.
    size_t rows = CACHED_BYTES / (2 * size) * BLOCK;
    if (rows < BLOCK) rows = BLOCK;
    for (size_t first = 0; first < m; first += rows)
        for (size_t column = 0; column < n; column += BLOCK)
            for (size_t row = first; row < m && row < first + rows; row += HALF) {
                _Alignas(64) float sums[SUMS];
                size_t height = m - row < HALF ? m - row : HALF, width = n - column < BLOCK ? n - column : BLOCK;
                float *target = y + row * y_stride + column;
                memset(sums, 0, sizeof sums);
                if (accumulating) copy_rows(sums, BLOCK, target, y_stride, height, width);
                (on_tiles ? add_on_tiles : add_plainly)(
                    sums, x + row / BLOCK * size + row % BLOCK / HALF * TILE, w + column / BLOCK * steps * W_STEP,
                    scales + column / BLOCK * steps * BLOCK, steps);
                copy_rows(target, y_stride, sums, BLOCK, height, width);
            }
    if (on_tiles) unconfigure();
}
