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

/// y (16 x 32) = x w, or added to y. Two steps go through the tiles at a time, and while the next two do, what these left
/// is scaled.
CK_TILED static void half_block_on_tiles(float *y, size_t y_stride, const uint16_t *x, const uint16_t *w,
                                         const float *scales, size_t steps, int accumulating) {
    _Alignas(64) float sums[SUMS], products[2][2 * SUMS];
    for (size_t at = 0; at < SUMS; at += HALF) {
        const float *values = y + at / BLOCK * y_stride + at % BLOCK;
        _mm512_store_ps(sums + at, accumulating ? _mm512_loadu_ps(values) : _mm512_setzero_ps());
    }
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
    if (steps % 2 > 0) {
        CK_STEP_ON_TILES(0, 1, x, w)
        _tile_stored(0, products[0], 4 * BLOCK);
        _tile_stored(1, products[0] + HALF, 4 * BLOCK);
        add_scaled(sums, products[0], scales + 2 * pairs * BLOCK, 1);
    }
    for (size_t at = 0; at < SUMS; at += HALF)
        _mm512_storeu_ps(y + at / BLOCK * y_stride + at % BLOCK, _mm512_load_ps(sums + at));
}
#else
static void half_block_on_tiles(float *y, size_t y_stride, const uint16_t *x, const uint16_t *w, const float *scales,
                                size_t steps, int accumulating) {
    (void)y, (void)y_stride, (void)x, (void)w, (void)scales, (void)steps, (void)accumulating;
}
#endif

/// What `half_block_on_tiles` computes, where there are no tiles; in the same order but for the sums within a pair.
CK_CLONES static void plain_half_block(float *y, size_t y_stride, const uint16_t *x, const uint16_t *w,
                                       const float *scales, size_t steps, int accumulating) {
    for (size_t at = 0; at < SUMS; at += HALF) {
        size_t row = at / BLOCK, half = at % BLOCK / HALF;
        float sums[HALF], *target = y + row * y_stride + half * HALF;
        for (size_t c = 0; c < HALF; c++) sums[c] = accumulating ? target[c] : 0;
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
            for (size_t c = 0; c < HALF; c++) sums[c] += products[c] * scales[s * BLOCK + half * HALF + c];
        }
        for (size_t c = 0; c < HALF; c++) target[c] = sums[c];
    }
}

static void half_block(float *y, size_t y_stride, const uint16_t *x, const uint16_t *w, const float *scales, size_t steps,
                       int accumulating, int on_tiles) {
    (on_tiles ? half_block_on_tiles : plain_half_block)(y, y_stride, x, w, scales, steps, accumulating);
}

/// A half block that reaches over the edge of y: computed beside it, and what lies inside copied.
static void edge_half_block(float *y, size_t y_stride, size_t rows, size_t columns, const uint16_t *x, const uint16_t *w,
                            const float *scales, size_t steps, int accumulating, int on_tiles) {
    _Alignas(64) float sums[SUMS] = {0};
    for (size_t i = 0; accumulating && i < rows; i++) memcpy(sums + i * BLOCK, y + i * y_stride, columns * sizeof *y);
    half_block(sums, BLOCK, x, w, scales, steps, accumulating, on_tiles);
    for (size_t i = 0; i < rows; i++) memcpy(y + i * y_stride, sums + i * BLOCK, columns * sizeof *y);
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
                const uint16_t *block = x + row / BLOCK * size + row % BLOCK / HALF * TILE;
                const uint16_t *panel = w + column / BLOCK * steps * W_STEP;
                const float *scale = scales + column / BLOCK * steps * BLOCK;
                float *target = y + row * y_stride + column;
                if (row + HALF <= m && column + BLOCK <= n)
                    half_block(target, y_stride, block, panel, scale, steps, accumulating, on_tiles);
                else
                    edge_half_block(target, y_stride, m - row < HALF ? m - row : HALF,
                                    n - column < BLOCK ? n - column : BLOCK, block, panel, scale, steps, accumulating,
                                    on_tiles);
            }
    if (on_tiles) unconfigure();
}
