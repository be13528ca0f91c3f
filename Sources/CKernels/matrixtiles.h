#ifndef OVERREAD_MATRIXTILES_H
#define OVERREAD_MATRIXTILES_H
#include "clones.h"
#include <stddef.h>
#include <stdint.h>

// What the files on the processor's matrix tiles share: their shapes, and how they are set up.

/// A block of y is 32 x 32, a step of k 32; a tile has 16 rows of 32 bf16 values.
enum { BLOCK = 32, STEP = 32, HALF = 16, TILE = 512, CACHED_BYTES = 1 << 20 };

/// y (32 x 32) = x w, or added to y: a block of x and a panel of w, both step after step, of so many parts.
typedef void block_product(float *y, size_t y_stride, const uint16_t *x, const uint16_t *w, size_t steps, int parts,
                           int accumulating);
/// That of one part, where there are bf16 dot products.
block_product ck_block_on_vectors;

CK_INLINE size_t blocks(size_t count) { return (count + BLOCK - 1) / BLOCK; }

/// The value of a bf16 in a word's lower half.
CK_INLINE float widened(uint32_t value) {
    union { uint32_t u; float f; } bits = {value << 16};
    return bits.f;
}

#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>

/// With the processor's own bf16 arithmetic.
#define CK_DOTTED __attribute__((target("arch=x86-64-v4,avx512bf16"), min_vector_width(512)))
#define CK_TILED __attribute__((target("arch=x86-64-v4,amx-tile,amx-bf16"), min_vector_width(512)))

CK_TILED static inline void configure(void) {
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

CK_TILED static inline void unconfigure(void) { _tile_release(); }

/// Brings `lines` cache lines into the core's first cache. A tile waits for each of its 16 lines, and where another thread
/// shares the core, the products behind it wait too.
CK_INLINE void fetch(const uint16_t *values, int lines) {
    _Pragma("clang loop unroll(full)") for (int i = 0; i < lines; i++) __builtin_prefetch(values + 32 * i, 0, 3);
}
#else
static inline void configure(void) {}
static inline void unconfigure(void) {}
#endif
#endif
