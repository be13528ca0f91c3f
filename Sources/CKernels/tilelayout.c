#include "CKernels.h"
#include "matrixtiles.h"
#include <string.h>

// Bringing factors into the order of the matrix tiles, each value as the sum of so many bf16 parts, and fp32 weights into
// panels.

typedef float floats __attribute__((vector_size(64)));
typedef uint32_t words __attribute__((vector_size(64)));
typedef uint16_t halves __attribute__((vector_size(64)));

/// The bf16 nearest to each value, ties to even, in a word's upper half.
/// A NaN becomes quiet rather than infinite.
CK_INLINE void round_nearest(words *part, const floats *values) {
    words bits = (words)*values;
    words rounded = (bits + 0x7fffu + (bits >> 16 & 1u)) & 0xffff0000u;
    words quiet = (bits & 0xffff0000u) | 0x400000u;
    words is_nan = (words)((bits & 0x7fffffffu) > 0x7f800000u);
    *part = (rounded & ~is_nan) | (quiet & is_nan);
}

typedef uint16_t roundeds __attribute__((vector_size(32)));

#if defined(__x86_64__) && defined(__linux__)
#define CK_NATIVE CK_DOTTED static

/// 16 values by the processor's own rounding to bf16, which takes what is smaller than fp32's normal values for zero, as
/// the tiles do with factors.
CK_NATIVE void round_natively(roundeds *part, const floats *values) {
    typedef __bf16 natives __attribute__((vector_size(32)));
    *part = (roundeds)__builtin_convertvector(*values, natives);
}
#else
static void round_natively(roundeds *part, const floats *values) { (void)part, (void)values; }
#endif

#define CK_INTERLEAVED                                                                                                 \
    0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31

/// One of so many parts, in a word's upper half; what is left of the value stays in `rest`.
///
/// A part that another follows may be either of two that are equally near. After two such parts at most 8 bits are left,
/// so the third is the rest itself. A NaN's last part is a NaN, whatever becomes of those before it.
CK_INLINE void take_part(words *part, floats *rest, int index, int parts) {
    if (index == 2) {
        *part = (words)*rest & 0xffff0000u;
    } else if (index + 1 == parts) {
        round_nearest(part, rest);
    } else {
        *part = ((words)*rest + 0x8000u) & 0xffff0000u;
        *rest -= (floats)*part;
    }
}

/// Up to 16 values, the rest zeros.
CK_INLINE void load_floats(floats *values, const float *x, size_t count) {
    *values = (floats){0};
    if (count >= 16)
        memcpy(values, x, sizeof *values);
    else
        for (size_t i = 0; i < count; i++) (*values)[i] = x[i];
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

/// Transposes 16 rows of 16 words.
CK_INLINE void turn_rows(words *rows) { CK_STAGE(8) CK_STAGE(4) CK_STAGE(2) CK_STAGE(1) }

/// Transposes a tile of 16 rows of 16 words in place.
CK_INLINE void turn(uint16_t *tile) {
    words rows[16];
    _Pragma("clang loop unroll(full)") for (size_t i = 0; i < 16; i++) memcpy(&rows[i], tile + 32 * i, sizeof rows[i]);
    turn_rows(rows);
    _Pragma("clang loop unroll(full)") for (size_t i = 0; i < 16; i++) memcpy(tile + 32 * i, &rows[i], sizeof rows[i]);
}

/// Rows of x as the tiles of x have them or, turned, columns of w as the tiles of w have them.
/// `natively`: one part, by the processor's own rounding.
CK_INLINE void tile_rows(uint16_t *tiles, int parts, int turned, int natively, const float *x, size_t x_stride,
                         size_t rows, size_t k) {
    for (size_t first = 0; first < rows; first += BLOCK)
        for (size_t q = 0; q < k; q += STEP, tiles += parts * 2 * TILE) {
            for (size_t row = 0; row < BLOCK; row++) {
                size_t count = first + row < rows ? k - q : 0;
                const float *values = x + (first + row) * x_stride + q;
                floats low, high;
                load_floats(&low, values, count);
                load_floats(&high, values + 16, count > 16 ? count - 16 : 0);
                if (natively) {
                    roundeds line[2];
                    round_natively(&line[0], &low);
                    round_natively(&line[1], &high);
                    memcpy(tiles + row * STEP, line, sizeof line);
                    continue;
                }
                for (int part = 0; part < parts; part++) {
                    words a, b;
                    take_part(&a, &low, part, parts);
                    take_part(&b, &high, part, parts);
                    halves line = __builtin_shufflevector((halves)a, (halves)b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23,
                                                          25, 27, 29, 31, 33, 35, 37, 39, 41, 43, 45, 47, 49, 51, 53, 55,
                                                          57, 59, 61, 63);
                    memcpy(tiles + part * 2 * TILE + row * STEP, &line, sizeof line);
                }
            }
            if (turned)
                for (int tile = 0; tile < 2 * parts; tile++) turn(tiles + tile * TILE);
        }
}

CK_INLINE void tile_stored(uint16_t *tiles, int parts, int natively, const float *w, size_t w_stride, size_t rows, size_t n,
                           size_t first, size_t k) {
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
            if (natively) {
                roundeds a, b;
                round_natively(&a, &even);
                round_natively(&b, &odd);
                halves pairs = __builtin_shufflevector(a, b, CK_INTERLEAVED);
                memcpy(target, &pairs, sizeof pairs);
                continue;
            }
            for (int part = 0; part < parts; part++, target += 2 * TILE) {
                words a, b;
                take_part(&a, &even, part, parts);
                take_part(&b, &odd, part, parts);
                words pairs = a >> 16 | b;
                memcpy(target, &pairs, sizeof pairs);
            }
        }
    }
}

#if defined(__x86_64__) && defined(__linux__)
CK_NATIVE void native_rows(uint16_t *tiles, int turned, const float *x, size_t x_stride, size_t rows, size_t k) {
    tile_rows(tiles, 1, turned, 1, x, x_stride, rows, k);
}

CK_NATIVE void native_stored(uint16_t *tiles, const float *w, size_t w_stride, size_t rows, size_t n, size_t first,
                             size_t k) {
    tile_stored(tiles, 1, 1, w, w_stride, rows, n, first, k);
}
#define CK_IF_NATIVE(CALL) if (parts == 1 && ck_has_bf16_products()) return CALL;
#else
#define CK_IF_NATIVE(CALL)
#endif

#define CK_FOR_PARTS(CALL)                                                                                             \
    if (parts == 1) CALL(1);                                                                                          \
    else if (parts == 2) CALL(2);                                                                                     \
    else CALL(3);
#define CK_ROWS(PARTS) tile_rows(tiles, PARTS, 0, 0, x, x_stride, rows, k)
#define CK_COLUMNS(PARTS) tile_rows(tiles, PARTS, 1, 0, w, w_stride, n, k)
#define CK_STORED(PARTS) tile_stored(tiles, PARTS, 0, w, w_stride, rows, n, first, k)

CK_WIDE_CLONES void ck_tile_rows(uint16_t *restrict tiles, int parts, const float *restrict x, size_t x_stride,
                                 size_t rows, size_t k) {
    CK_IF_NATIVE(native_rows(tiles, 0, x, x_stride, rows, k))
    CK_FOR_PARTS(CK_ROWS)
}

CK_WIDE_CLONES void ck_tile_columns(uint16_t *restrict tiles, int parts, const float *restrict w, size_t w_stride,
                                    size_t n, size_t k) {
    CK_IF_NATIVE(native_rows(tiles, 1, w, w_stride, n, k))
    CK_FOR_PARTS(CK_COLUMNS)
}

CK_WIDE_CLONES void ck_tile_stored(uint16_t *restrict tiles, int parts, const float *restrict w, size_t w_stride,
                                   size_t rows, size_t n, size_t first, size_t k) {
    CK_IF_NATIVE(native_stored(tiles, w, w_stride, rows, n, first, k))
    CK_FOR_PARTS(CK_STORED)
}

CK_WIDE_CLONES void ck_turn_tiles(uint16_t *tiles, size_t count) {
    for (size_t i = 0; i < count; i++) turn(tiles + i * TILE);
}

CK_WIDE_CLONES void ck_panel_columns(float *restrict panels, const float *restrict w, size_t w_stride, size_t n, size_t k) {
    for (size_t column = 0; column < n; column += HALF) {
        float *panel = panels + column / BLOCK * BLOCK * k + column % BLOCK;
        for (size_t q = 0; q < k; q += HALF) {
            words lines[HALF];
            _Pragma("clang loop unroll(full)") for (size_t i = 0; i < HALF; i++) {
                floats line;
                load_floats(&line, w + (column + i) * w_stride + q, column + i < n ? k - q : 0);
                lines[i] = (words)line;
            }
            turn_rows(lines);
            if (k - q >= HALF) {
                _Pragma("clang loop unroll(full)") for (size_t i = 0; i < HALF; i++)
                    memcpy(panel + (q + i) * BLOCK, &lines[i], sizeof lines[i]);
            } else {
                for (size_t i = 0; i < k - q; i++) memcpy(panel + (q + i) * BLOCK, &lines[i], sizeof lines[i]);
            }
        }
    }
    if (n % BLOCK > 0 && n % BLOCK <= HALF)
        for (size_t q = 0; q < k; q++) memset(panels + n / BLOCK * BLOCK * k + q * BLOCK + HALF, 0, HALF * sizeof *panels);
}

void ck_panel_stored(float *restrict panels, const float *restrict w, size_t w_stride, size_t rows, size_t n, size_t first,
                     size_t k) {
    for (size_t row = 0; row < rows; row++)
        for (size_t column = 0; column < n; column += BLOCK) {
            size_t count = n - column < BLOCK ? n - column : BLOCK;
            float *line = panels + column * k + (first + row) * BLOCK;
            memcpy(line, w + row * w_stride + column, count * sizeof *line);
            memset(line + count, 0, (BLOCK - count) * sizeof *line);
        }
}
