#include "CKernels.h"
#include "matrixtiles.h"
#include <string.h>

// y = x w of a weight that its file has as blocks of 32 small integers with a scale each. An integer is a bf16 value as it
// is, so x, an fp32 value in three bf16 parts, takes three products where an expanded weight in three parts would take six.
// A block is as long as a step of the tiles: its sums leave them after every step and are multiplied by its scale there.

enum { PARTS = 3, X_STEP = PARTS * 2 * TILE, W_STEP = 2 * TILE, WIDTH = 2 * BLOCK, SUMS = HALF * WIDTH };

/// A weight's columns that are taken at a time: two panels of 32, each with its scales.
struct columns {
    const uint16_t *left, *right;
    const float *left_scales, *right_scales;
};

#if defined(__x86_64__) && defined(__linux__)
/// A tile's sums over one step, the smallest part of x first; while they form, what the next step needs is fetched.
#define CK_STEP_ON_TILES(SUM, W, FETCHED)                                                                              \
    _tile_loadd(7, W, 64);                                                                                            \
    _tile_dpbf16ps(SUM, 4, 7);                                                                                        \
    _tile_dpbf16ps(SUM, 5, 7);                                                                                        \
    FETCHED fetch((W) + W_STEP, HALF);                                                                                \
    _tile_dpbf16ps(SUM, 6, 7);

/// Adds the products of a step, times its scales, to the sums.
CK_TILED CK_INLINE void add_scaled(float *sums, const float *products, const float *left, const float *right) {
    __m512 scales[4] = {_mm512_loadu_ps(left), _mm512_loadu_ps(left + HALF), _mm512_loadu_ps(right),
                        _mm512_loadu_ps(right + HALF)};
    for (size_t row = 0; row < SUMS; row += WIDTH)
        _Pragma("clang loop unroll(full)") for (size_t i = 0; i < 4; i++) {
            size_t at = row + i * HALF;
            __m512 sum = _mm512_load_ps(sums + at);
            _mm512_store_ps(sums + at, _mm512_fmadd_ps(_mm512_load_ps(products + at), scales[i], sum));
        }
}

/// y (16 x 64) = x w, or added to y. What a step leaves in the tiles is scaled while the next step goes through them.
CK_TILED static void block_on_tiles(float *y, size_t y_stride, const uint16_t *x, struct columns w, size_t steps,
                                    int accumulating) {
    _Alignas(64) float sums[SUMS], products[2][SUMS];
    for (size_t at = 0; at < SUMS; at += HALF) {
        const float *values = y + at / WIDTH * y_stride + at % WIDTH;
        _mm512_store_ps(sums + at, accumulating ? _mm512_loadu_ps(values) : _mm512_setzero_ps());
    }
    for (size_t s = 0; s < steps; s++, x += X_STEP) {
        const uint16_t *left = w.left + s * W_STEP, *right = w.right + s * W_STEP, *next = x + X_STEP;
        float *own = products[s & 1];
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
        _tile_loadd(4, x + 4 * TILE, 64);
        _tile_loadd(5, x + 2 * TILE, 64);
        _tile_loadd(6, x, 64);
        CK_STEP_ON_TILES(0, left, fetch(next, HALF);)
        CK_STEP_ON_TILES(1, left + TILE, fetch(next + 2 * TILE, HALF);)
        CK_STEP_ON_TILES(2, right, fetch(next + 4 * TILE, HALF);)
        CK_STEP_ON_TILES(3, right + TILE, )
        _tile_stored(0, own, 4 * WIDTH);
        _tile_stored(1, own + HALF, 4 * WIDTH);
        _tile_stored(2, own + 2 * HALF, 4 * WIDTH);
        _tile_stored(3, own + 3 * HALF, 4 * WIDTH);
        if (s > 0)
            add_scaled(sums, products[~s & 1], w.left_scales + (s - 1) * BLOCK, w.right_scales + (s - 1) * BLOCK);
    }
    if (steps > 0)
        add_scaled(sums, products[~steps & 1], w.left_scales + (steps - 1) * BLOCK,
                   w.right_scales + (steps - 1) * BLOCK);
    for (size_t at = 0; at < SUMS; at += HALF)
        _mm512_storeu_ps(y + at / WIDTH * y_stride + at % WIDTH, _mm512_load_ps(sums + at));
}
#else
static void block_on_tiles(float *y, size_t y_stride, const uint16_t *x, struct columns w, size_t steps,
                           int accumulating) {
    (void)y, (void)y_stride, (void)x, (void)w, (void)steps, (void)accumulating;
}
#endif

/// What `block_on_tiles` computes, where there are no tiles; in the same order but for the sums within a pair.
CK_CLONES static void plain_block(float *y, size_t y_stride, const uint16_t *x, struct columns w, size_t steps,
                                  int accumulating) {
    for (size_t at = 0; at < SUMS; at += HALF) {
        size_t row = at / WIDTH, column = at % WIDTH, half = column % BLOCK;
        const uint16_t *panel = (column < BLOCK ? w.left : w.right) + half / HALF * TILE;
        const float *scales = (column < BLOCK ? w.left_scales : w.right_scales) + half;
        float sums[HALF], *target = y + row * y_stride + column;
        for (size_t c = 0; c < HALF; c++) sums[c] = accumulating ? target[c] : 0;
        for (size_t s = 0; s < steps; s++) {
            float products[HALF] = {0};
            for (size_t part = PARTS; part-- > 0;) {
                const uint16_t *values = x + s * X_STEP + part * 2 * TILE + row * STEP, *tile = panel + s * W_STEP;
                for (size_t q = 0; q < STEP; q += 2, tile += STEP) {
                    float even = widened(values[q]), odd = widened(values[q + 1]);
                    for (size_t c = 0; c < HALF; c++)
                        products[c] += even * widened(tile[2 * c]) + odd * widened(tile[2 * c + 1]);
                }
            }
            for (size_t c = 0; c < HALF; c++) sums[c] += products[c] * scales[s * BLOCK + c];
        }
        for (size_t c = 0; c < HALF; c++) target[c] = sums[c];
    }
}

/// A block that reaches over the edge of y: computed beside it, and what lies inside copied.
static void edge_block(float *y, size_t y_stride, size_t rows, size_t columns, const uint16_t *x, struct columns w,
                       size_t steps, int accumulating, int on_tiles) {
    _Alignas(64) float sums[SUMS] = {0};
    for (size_t i = 0; accumulating && i < rows; i++) memcpy(sums + i * WIDTH, y + i * y_stride, columns * sizeof *y);
    (on_tiles ? block_on_tiles : plain_block)(sums, WIDTH, x, w, steps, accumulating);
    for (size_t i = 0; i < rows; i++) memcpy(y + i * y_stride, sums + i * WIDTH, columns * sizeof *y);
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
        for (size_t column = 0; column < n; column += WIDTH) {
            size_t left = column / BLOCK, right = column + BLOCK < n ? left + 1 : left;
            struct columns columns = {
                w + left * steps * W_STEP,
                w + right * steps * W_STEP,
                scales + left * steps * BLOCK,
                scales + right * steps * BLOCK,
            };
            for (size_t row = first; row < m && row < first + rows; row += HALF) {
                const uint16_t *block = x + row / BLOCK * size + row % BLOCK / HALF * TILE;
                float *target = y + row * y_stride + column;
                if (row + HALF <= m && column + WIDTH <= n)
                    (on_tiles ? block_on_tiles : plain_block)(target, y_stride, block, columns, steps, accumulating);
                else
                    edge_block(target, y_stride, m - row < HALF ? m - row : HALF,
                               n - column < WIDTH ? n - column : WIDTH, block, columns, steps, accumulating, on_tiles);
            }
        }
    if (on_tiles) unconfigure();
}
