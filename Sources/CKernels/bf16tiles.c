#define _GNU_SOURCE
#include "CKernels.h"
#include "matrixtiles.h"
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// y = x w of bf16 factors, a block of 32 x 32 sums at a time, in the order of the processor's matrix tiles (Intel's
// Advanced Matrix Extensions, "Intel 64 and IA-32 Architectures Software Developer's Manual", volume 1, chapter 18): a
// tile has 16 rows of 64 bytes, and one instruction adds the product of two of them to a third.
//
// A factor may consist of several parts, whose sum it is. Of the products of parts those are left out that are smaller
// than the last part kept: one part is bf16; two have the 16 bits of PyTorch's "high" precision in three products, three
// the 24 bits of fp32 in six (Henry, Tang and Heinecke 2019, arXiv 1904.06376, section III).

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>

enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };   // arch_prctl(2), asm/prctl.h

static int tiles;

static void find_tiles(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return;
    int has_bf16 = d >> 22 & 1, has_tiles = d >> 24 & 1;
    // The kernel lets a program use them when asked; what it answers also says whether it saves them at all.
    tiles = has_bf16 && has_tiles && __builtin_cpu_supports("x86-64-v4") && __builtin_cpu_supports("avx512bf16")
        && syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

int ck_has_bf16_tiles(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, find_tiles);
    return tiles;
}

/// y (32 x 32) = x w, or added to y: a block of x and a panel of w, both step after step.
CK_TILED CK_INLINE void block_on_tiles(float *y, size_t y_stride, const uint16_t *x, const uint16_t *w, size_t steps,
                                       int parts, int accumulating) {
    size_t y_bytes = 4 * y_stride;
    if (accumulating) {
        _tile_loadd(0, y, y_bytes);
        _tile_loadd(1, y + HALF, y_bytes);
        _tile_loadd(2, y + HALF * y_stride, y_bytes);
        _tile_loadd(3, y + HALF * y_stride + HALF, y_bytes);
    } else {
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
    }
    // The parts to multiply, in an order in which from one product to the next only one factor is loaded.
    static const int path[4][6][2] = {
        {{0}}, {{0, 0}}, {{1, 0}, {0, 0}, {0, 1}}, {{2, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 2}, {0, 0}},
    };
    int products = parts * (parts + 1) / 2;
    // What is fetched ahead, a share with every product: the steps of about as many products.
    int step = parts * 2 * TILE, ahead = (parts == 1 ? 4 : parts == 2 ? 2 : 1) * step, share = step / products;
    for (size_t s = 0; s < steps; s++, x += step, w += step)
        _Pragma("clang loop unroll(full)") for (int p = 0; p < products; p++) {
            int i = path[parts][p][0], j = path[parts][p][1];
            if (p == 0 || i != path[parts][p - 1][0]) {
                _tile_loadd(4, x + i * 2 * TILE, 64);
                _tile_loadd(5, x + i * 2 * TILE + TILE, 64);
            }
            if (p == 0 || j != path[parts][p - 1][1]) _tile_loadd(6, w + j * 2 * TILE, 64);
            fetch(x + ahead + p * share, share / STEP);
            _tile_dpbf16ps(0, 4, 6);
            _tile_dpbf16ps(2, 5, 6);
            if (p == 0 || j != path[parts][p - 1][1]) _tile_loadd(7, w + j * 2 * TILE + TILE, 64);
            fetch(w + ahead + p * share, share / STEP);
            _tile_dpbf16ps(1, 4, 7);
            _tile_dpbf16ps(3, 5, 7);
        }
    _tile_stored(0, y, y_bytes);
    _tile_stored(1, y + HALF, y_bytes);
    _tile_stored(2, y + HALF * y_stride, y_bytes);
    _tile_stored(3, y + HALF * y_stride + HALF, y_bytes);
}

CK_TILED static void tiled_block(float *y, size_t y_stride, const uint16_t *x, const uint16_t *w, size_t steps, int parts,
                                 int accumulating) {
    if (parts == 1) return block_on_tiles(y, y_stride, x, w, steps, 1, accumulating);
    if (parts == 2) return block_on_tiles(y, y_stride, x, w, steps, 2, accumulating);
    block_on_tiles(y, y_stride, x, w, steps, 3, accumulating);
}
#else
int ck_has_bf16_tiles(void) { return 0; }
static void tiled_block(float *y, size_t y_stride, const uint16_t *x, const uint16_t *w, size_t steps, int parts,
                        int accumulating) {
    (void)y, (void)y_stride, (void)x, (void)w, (void)steps, (void)parts, (void)accumulating;
}
#endif

/// What `tiled_block` computes, where there are no tiles; in the same order but for the sums within a pair.
CK_CLONES static void plain_block(float *y, size_t y_stride, const uint16_t *x, const uint16_t *w, size_t steps, int parts,
                                  int accumulating) {
    for (size_t row = 0; row < BLOCK; row++)
        for (size_t half = 0; half < BLOCK; half += HALF) {
            float sums[HALF], *target = y + row * y_stride + half;
            for (size_t c = 0; c < HALF; c++) sums[c] = accumulating ? target[c] : 0;
            for (size_t s = 0; s < steps; s++)
                for (int i = 0; i < parts; i++)
                    for (int j = 0; j < parts - i; j++) {
                        size_t step = s * (size_t)parts * 2 * TILE;
                        const uint16_t *values = x + step + (size_t)i * 2 * TILE + row * STEP;
                        const uint16_t *tile = w + step + (size_t)j * 2 * TILE + half / HALF * TILE;
                        for (size_t q = 0; q < STEP; q += 2, tile += STEP) {
                            float even = widened(values[q]), odd = widened(values[q + 1]);
                            for (size_t c = 0; c < HALF; c++)
                                sums[c] += even * widened(tile[2 * c]) + odd * widened(tile[2 * c + 1]);
                        }
                    }
            for (size_t c = 0; c < HALF; c++) target[c] = sums[c];
        }
}

/// A block that reaches over the edge of y: computed beside it, and what lies inside copied or added.
static void edge_block(block_product *block, float *y, size_t y_stride, size_t rows, size_t columns, const uint16_t *x,
                       const uint16_t *w, size_t steps, int parts, int accumulating) {
    _Alignas(64) float sums[BLOCK * BLOCK];
    block(sums, BLOCK, x, w, steps, parts, 0);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) {
            float sum = sums[i * BLOCK + j];
            y[i * y_stride + j] = accumulating ? y[i * y_stride + j] + sum : sum;
        }
}

size_t ck_tiled_values(size_t rows, size_t k, int parts) { return blocks(rows) * blocks(k) * (size_t)parts * 2 * TILE; }

void ck_tiled_product(float *y, size_t y_stride, const uint16_t *x, const uint16_t *w, size_t m, size_t n, size_t k,
                      size_t w_k, int parts, int accumulating, enum ck_tile_engine engine) {
    size_t steps = blocks(k), size = steps * (size_t)parts * 2 * TILE, w_size = blocks(w_k) * (size_t)parts * 2 * TILE;
    block_product *block = engine == CK_ENGINE_TILES                    ? tiled_block
                           : engine == CK_ENGINE_VECTORS && parts == 1 ? ck_block_on_vectors
                                                                        : plain_block;
    if (engine == CK_ENGINE_TILES) configure();
    // So many blocks of x at a time that they stay in the core's own cache while the panels of w go by.
    size_t rows = CACHED_BYTES / (2 * size) * BLOCK;
    if (rows < BLOCK) rows = BLOCK;
    for (size_t first = 0; first < m; first += rows)
        for (size_t column = 0; column < n; column += BLOCK)
            for (size_t row = first; row < m && row < first + rows; row += BLOCK) {
                const uint16_t *values = x + row / BLOCK * size, *panel = w + column / BLOCK * w_size;
                float *target = y + row * y_stride + column;
                if (row + BLOCK <= m && column + BLOCK <= n)
                    block(target, y_stride, values, panel, steps, parts, accumulating);
                else
                    edge_block(block, target, y_stride, m - row < BLOCK ? m - row : BLOCK,
                               n - column < BLOCK ? n - column : BLOCK, values, panel, steps, parts, accumulating);
            }
    if (engine == CK_ENGINE_TILES) unconfigure();
}
