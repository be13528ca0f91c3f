#define _GNU_SOURCE
#include "CKernels.h"
#include "clones.h"
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

enum { BLOCK = 32, STEP = 32, HALF = 16, TILE = 512, CACHED_BYTES = 1 << 20 };

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <immintrin.h>

enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };   // arch_prctl(2), asm/prctl.h

static int tiles;

static void find_tiles(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return;
    int has_bf16 = d >> 22 & 1, has_tiles = d >> 24 & 1;
    // The kernel lets a program use them when asked; what it answers also says whether it saves them at all.
    tiles = has_bf16 && has_tiles && __builtin_cpu_supports("x86-64-v4")
        && syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

int ck_has_bf16_tiles(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, find_tiles);
    return tiles;
}

#define CK_TILED __attribute__((target("arch=x86-64-v4,amx-tile,amx-bf16")))

CK_TILED static void configure(void) {
    struct {
        uint8_t palette, start_row, reserved[14];
        uint16_t column_bytes[16];
        uint8_t rows[16];
    } configuration = {.palette = 1};
    for (int i = 0; i < 8; i++) {
        configuration.column_bytes[i] = 64;
        configuration.rows[i] = HALF;
    }
    _tile_loadconfig(&configuration);
}

CK_TILED static void unconfigure(void) { _tile_release(); }

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
    for (size_t s = 0; s < steps; s++, x += parts * 2 * TILE, w += parts * 2 * TILE)
        _Pragma("clang loop unroll(full)") for (int p = 0; p < products; p++) {
            int i = path[parts][p][0], j = path[parts][p][1];
            if (p == 0 || i != path[parts][p - 1][0]) {
                _tile_loadd(4, x + i * 2 * TILE, 64);
                _tile_loadd(5, x + i * 2 * TILE + TILE, 64);
            }
            if (p == 0 || j != path[parts][p - 1][1]) _tile_loadd(6, w + j * 2 * TILE, 64);
            _tile_dpbf16ps(0, 4, 6);
            _tile_dpbf16ps(2, 5, 6);
            if (p == 0 || j != path[parts][p - 1][1]) _tile_loadd(7, w + j * 2 * TILE + TILE, 64);
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
static void configure(void) {}
static void unconfigure(void) {}
static void tiled_block(float *y, size_t y_stride, const uint16_t *x, const uint16_t *w, size_t steps, int parts,
                        int accumulating) {
    (void)y, (void)y_stride, (void)x, (void)w, (void)steps, (void)parts, (void)accumulating;
}
#endif

CK_INLINE float widened(uint32_t value) {
    union { uint32_t u; float f; } bits = {value << 16};
    return bits.f;
}

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
static void edge_block(float *y, size_t y_stride, size_t rows, size_t columns, const uint16_t *x, const uint16_t *w,
                       size_t steps, int parts, int accumulating, int on_tiles) {
    _Alignas(64) float sums[BLOCK * BLOCK];
    (on_tiles ? tiled_block : plain_block)(sums, BLOCK, x, w, steps, parts, 0);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) {
            float sum = sums[i * BLOCK + j];
            y[i * y_stride + j] = accumulating ? y[i * y_stride + j] + sum : sum;
        }
}

static size_t blocks(size_t count) { return (count + BLOCK - 1) / BLOCK; }

size_t ck_tiled_values(size_t rows, size_t k, int parts) { return blocks(rows) * blocks(k) * (size_t)parts * 2 * TILE; }

void ck_tiled_product(float *y, size_t y_stride, const uint16_t *x, const uint16_t *w, size_t m, size_t n, size_t k,
                      size_t w_k, int parts, int accumulating, int on_tiles) {
    size_t steps = blocks(k), size = steps * (size_t)parts * 2 * TILE, w_size = blocks(w_k) * (size_t)parts * 2 * TILE;
    if (on_tiles) configure();
    // So many blocks of x at a time that they stay in the core's own cache while the panels of w go by.
    size_t rows = CACHED_BYTES / (2 * size) * BLOCK;
    if (rows < BLOCK) rows = BLOCK;
    for (size_t first = 0; first < m; first += rows)
        for (size_t column = 0; column < n; column += BLOCK)
            for (size_t row = first; row < m && row < first + rows; row += BLOCK) {
                const uint16_t *block = x + row / BLOCK * size, *panel = w + column / BLOCK * w_size;
                float *target = y + row * y_stride + column;
                if (row + BLOCK <= m && column + BLOCK <= n)
                    (on_tiles ? tiled_block : plain_block)(target, y_stride, block, panel, steps, parts, accumulating);
                else
                    edge_block(target, y_stride, m - row < BLOCK ? m - row : BLOCK,
                               n - column < BLOCK ? n - column : BLOCK, block, panel, steps, parts, accumulating, on_tiles);
            }
    if (on_tiles) unconfigure();
}

// -- Bringing factors into tiles

typedef float floats __attribute__((vector_size(64)));
typedef uint32_t words __attribute__((vector_size(64)));

/// The bf16 nearest to each value, ties to even, in a word's upper half; what is left of the value stays in `rest`.
/// A NaN becomes quiet rather than infinite.
CK_INLINE void take_part(words *part, floats *rest) {
    words bits = (words)*rest;
    words rounded = (bits + 0x7fffu + (bits >> 16 & 1u)) & 0xffff0000u;
    words quiet = (bits & 0xffff0000u) | 0x400000u;
    words is_nan = (words)((bits & 0x7fffffffu) > 0x7f800000u);
    *part = (rounded & ~is_nan) | (quiet & is_nan);
    *rest -= (floats)*part;
}

/// Up to 16 values, the rest zeros.
CK_INLINE void load_floats(floats *values, const float *x, size_t count) {
    *values = (floats){0};
    if (count >= 16)
        memcpy(values, x, sizeof *values);
    else
        for (size_t i = 0; i < count; i++) (*values)[i] = x[i];
}

CK_INLINE void tile_rows(uint16_t *tiles, int parts, const float *x, size_t x_stride, size_t rows, size_t k) {
    typedef uint16_t halves __attribute__((vector_size(64)));
    size_t steps = blocks(k), step = (size_t)parts * 2 * TILE;
    for (size_t row = 0; row < blocks(rows) * BLOCK; row++) {
        uint16_t *target = tiles + row / BLOCK * steps * step + row % BLOCK * STEP;
        for (size_t q = 0; q < k; q += STEP, target += step) {
            size_t count = row < rows ? k - q : 0;
            floats low, high;
            load_floats(&low, x + row * x_stride + q, count);
            load_floats(&high, x + row * x_stride + q + 16, count > 16 ? count - 16 : 0);
            for (int part = 0; part < parts; part++) {
                words a, b;
                take_part(&a, &low);
                take_part(&b, &high);
                halves line = __builtin_shufflevector((halves)a, (halves)b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25,
                                                      27, 29, 31, 33, 35, 37, 39, 41, 43, 45, 47, 49, 51, 53, 55, 57, 59,
                                                      61, 63);
                memcpy(target + part * 2 * TILE, &line, sizeof line);
            }
        }
    }
}

#define CK_KEEP_8 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define CK_TAKE_8 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
#define CK_KEEP_4 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27
#define CK_TAKE_4 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31
#define CK_KEEP_2 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define CK_TAKE_2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define CK_KEEP_1 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30
#define CK_TAKE_1 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31
#define CK_STAGE(D)                                                                                                    \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < 16; i++) if (!(i & D)) {                                   \
        words a = rows[i], b = rows[i + D];                                                                           \
        rows[i] = __builtin_shufflevector(a, b, CK_KEEP_##D);                                                         \
        rows[i + D] = __builtin_shufflevector(a, b, CK_TAKE_##D);                                                     \
    }

/// Transposes 16 rows of 16 words in place.
CK_INLINE void turn(uint16_t *tile) {
    words rows[16];
    _Pragma("clang loop unroll(full)") for (size_t i = 0; i < 16; i++) memcpy(&rows[i], tile + 32 * i, sizeof rows[i]);
    CK_STAGE(8) CK_STAGE(4) CK_STAGE(2) CK_STAGE(1)
    _Pragma("clang loop unroll(full)") for (size_t i = 0; i < 16; i++) memcpy(tile + 32 * i, &rows[i], sizeof rows[i]);
}

CK_INLINE void tile_columns(uint16_t *tiles, int parts, const float *w, size_t w_stride, size_t n, size_t k) {
    tile_rows(tiles, parts, w, w_stride, n, k);
    size_t count = blocks(n) * blocks(k) * (size_t)parts * 2;
    for (size_t i = 0; i < count; i++) turn(tiles + i * TILE);
}

CK_INLINE void tile_stored(uint16_t *tiles, int parts, const float *w, size_t w_stride, size_t rows, size_t n, size_t first,
                           size_t k) {
    size_t steps = blocks(k), step = (size_t)parts * 2 * TILE, last = blocks(rows) * BLOCK;
    for (size_t row = 0; row < last; row += 2) {
        uint16_t *tile = tiles + (first + row) / STEP * step + row % STEP / 2 * STEP;
        for (size_t column = 0; column < blocks(n) * BLOCK; column += HALF) {
            size_t count = column < n ? n - column : 0;
            const float *values = w + row * w_stride + column;
            floats even, odd;
            load_floats(&even, values, row < rows ? count : 0);
            load_floats(&odd, values + w_stride, row + 1 < rows ? count : 0);
            uint16_t *target = tile + column / BLOCK * steps * step + column % BLOCK / HALF * TILE;
            for (int part = 0; part < parts; part++, target += 2 * TILE) {
                words a, b;
                take_part(&a, &even);
                take_part(&b, &odd);
                words pairs = a >> 16 | b;
                memcpy(target, &pairs, sizeof pairs);
            }
        }
    }
}

#define CK_FOR_PARTS(CALL)                                                                                             \
    if (parts == 1) CALL(1);                                                                                          \
    else if (parts == 2) CALL(2);                                                                                     \
    else CALL(3);
#define CK_ROWS(PARTS) tile_rows(tiles, PARTS, x, x_stride, rows, k)
#define CK_COLUMNS(PARTS) tile_columns(tiles, PARTS, w, w_stride, n, k)
#define CK_STORED(PARTS) tile_stored(tiles, PARTS, w, w_stride, rows, n, first, k)

CK_WIDE_CLONES void ck_tile_rows(uint16_t *restrict tiles, int parts, const float *restrict x, size_t x_stride,
                                 size_t rows, size_t k) {
    CK_FOR_PARTS(CK_ROWS)
}

CK_WIDE_CLONES void ck_tile_columns(uint16_t *restrict tiles, int parts, const float *restrict w, size_t w_stride,
                                    size_t n, size_t k) {
    CK_FOR_PARTS(CK_COLUMNS)
}

CK_WIDE_CLONES void ck_tile_stored(uint16_t *restrict tiles, int parts, const float *restrict w, size_t w_stride,
                                   size_t rows, size_t n, size_t first, size_t k) {
    CK_FOR_PARTS(CK_STORED)
}
