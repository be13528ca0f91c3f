// The loops that Swift cannot vectorise: no allocation, no state, no input or output.
//
// Every function works on plain row-major fp32 arrays. Those marked CK_CLONES in their definition are compiled for
// several levels of x86-64 and picked when the program is loaded; on other processors there is one version.
#ifndef OVERREAD_CKERNELS_H
#define OVERREAD_CKERNELS_H

#include <stddef.h>
#include <stdint.h>

// -- features.c
/// The highest x86-64 level whose loops are in use here: "x86-64-v4", "x86-64-v3", "x86-64", or "portable".
const char *ck_cpu_level(void);
/// The processors that this process may run on, at least 1.
int ck_processor_count(void);
/// Tells the processor that this thread is only waiting.
static inline void ck_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

// -- elementwise.c
void ck_add(float *restrict y, const float *restrict x, size_t n);                   ///< y += x
void ck_add_scaled(float *restrict y, const float *restrict x, float a, size_t n);   ///< y += a x
void ck_scale(float *y, float a, size_t n);                                          ///< y *= a
void ck_exp(float *restrict y, const float *restrict x, size_t n);                   ///< y = e^x, relative error below 2e-7
void ck_swiglu(float *restrict y, const float *restrict gate, const float *restrict up, size_t n);
/// Turns `gate`, `up` into their gradients in place, given the gradient of y = silu(gate) * up; leaves y once more.
void ck_swiglu_backward(float *restrict gate, float *restrict up, float *restrict y, const float *restrict dy, size_t n);
double ck_sum_of_squares(const float *x, size_t n);
double ck_dot(const float *x, const float *y, size_t n);
/// The number of values that are NaN or infinite.
size_t ck_count_nonfinite(const float *x, size_t n);

// -- normalization.c
/// y = x / rms(x) * w for each of `rows` rows of `n`; 1 / rms goes to `inverse` when it is not NULL.
void ck_rmsnorm(float *restrict y, float *inverse, const float *restrict x, const float *restrict w, float epsilon,
                size_t rows, size_t n);
/// dx += the gradient of rmsnorm with respect to x.
void ck_rmsnorm_backward(float *restrict dx, const float *restrict dy, const float *restrict x,
                         const float *restrict w, float epsilon, size_t rows, size_t n);

// -- products.c
/// y (m x n) = x (m x k) times the transpose of w (n x k), rows `..._stride` values apart; added to y when `accumulating`.
/// A value is the same to the bit whatever m and n are.
void ck_dot_products(float *restrict y, size_t y_stride, const float *restrict x, size_t x_stride,
                     const float *restrict w, size_t w_stride, size_t m, size_t n, size_t k, int accumulating);
/// y (m x n) = p (m x k) times v (k x n) for small m, rows `..._stride` values apart; added to y when `accumulating`.
/// A value is the same to the bit whatever m is.
void ck_weighted_rows(float *restrict y, size_t y_stride, const float *restrict p, size_t p_stride,
                      const float *restrict v, size_t v_stride, size_t m, size_t n, size_t k, int accumulating);

// -- tiles.c
/// y (m x n) = p v, or added to y: p's element (i, q) lies at `i * p_row + q * p_step`, v is (k x n) with rows `v_stride`
/// values apart. For products so narrow that packing their factors would take as long as they do.
/// A value is the same to the bit whatever m and n are.
void ck_tile_products(float *restrict y, size_t y_stride, const float *restrict p, size_t p_row, size_t p_step,
                      const float *restrict v, size_t v_stride, size_t m, size_t n, size_t k, int accumulating);

// -- rotary.c
/// Of positions first to last - 1: `half` cosines, then as many sines, of position * frequency (radians).
void ck_rotary_table(float *table, size_t first, size_t last, const double *frequencies, size_t half);
/// Rotates each head's halves (x[i], x[i + d/2]) by the angles of the row's position; `direction` -1 undoes it.
void ck_rotary(float *restrict x, const int32_t *positions, const float *restrict table, float direction, size_t rows,
               size_t heads, size_t head_dimension, size_t stride);

// -- attention.c
/// y (columns x rows, rows `y_stride` apart) = scale times the transpose of x (rows x columns, rows `x_stride` apart).
void ck_transpose(float *restrict y, size_t y_stride, const float *restrict x, size_t x_stride, size_t rows,
                  size_t columns, float scale);
/// In place: row r (of `rows`, stride `stride`) becomes softmax over its first `first + r / heads` columns, the rest zero.
/// `first` may be at least `columns`: then all columns count.
void ck_softmax_causal(float *scores, size_t rows, size_t columns, size_t stride, size_t first, size_t heads);
/// dscores = scale * p * (dp - sum over the row of do * o), in place on dp.
void ck_softmax_backward(float *restrict dp, const float *restrict p, const float *restrict d, const float *restrict o,
                         float scale, size_t rows, size_t columns, size_t stride, size_t head_dimension,
                         size_t value_stride);

// -- logits.c
struct ck_row_statistics {
    double log_sum_exp;   ///< natural log of the sum of e^logit
    double entropy;       ///< of softmax, nats
    double mean;          ///< of the raw logits
    int32_t argmax;       ///< the lowest index among equals
};
/// Statistics of one row of logits.
struct ck_row_statistics ck_logits_statistics(const float *x, size_t n);
/// x = -e^(x - log_sum_exp), then x[target] += 1: the gradient of the target's log-probability.
void ck_logits_gradient(float *x, size_t n, double log_sum_exp, size_t target);

// -- quantblocks.c: `blocks` blocks of GGUF's formats to fp32
void ck_decode_f16(float *restrict y, const uint8_t *restrict x, size_t n);
void ck_decode_bf16(float *restrict y, const uint8_t *restrict x, size_t n);
void ck_decode_q8_0(float *restrict y, const uint8_t *restrict x, size_t blocks);
void ck_decode_q4_0(float *restrict y, const uint8_t *restrict x, size_t blocks);
void ck_decode_q4_1(float *restrict y, const uint8_t *restrict x, size_t blocks);
/// fp32 to bf16, to the nearest, ties to even.
void ck_round_bf16(uint16_t *restrict y, const float *restrict x, size_t n);
/// A row's integers as bf16 values in the tiles of the 32 columns of w of which it is one (`column` of them), each block's
/// in its step's, still to be turned (`ck_turn_tiles`); the blocks' scales beside those of the other columns.
void ck_lay_q8_0(uint16_t *restrict tiles, float *restrict scales, size_t column, const uint8_t *restrict x,
                 size_t blocks);
void ck_lay_q4_0(uint16_t *restrict tiles, float *restrict scales, size_t column, const uint8_t *restrict x,
                 size_t blocks);
/// Integers from -8 to 7; what is to be added to each of a block's values goes to `offsets`, `stride` values apart.
void ck_lay_q4_1(uint16_t *restrict tiles, float *restrict scales, float *restrict offsets, size_t stride, size_t column,
                 const uint8_t *restrict x, size_t blocks);
/// The sum of each block of 32 values.
void ck_block_sums(float *restrict y, const float *restrict x, size_t blocks);

// -- onednn.c: products of bf16 matrices through oneDNN, which is looked up when the program runs
enum ck_onednn_state {
    CK_ONEDNN_READY,
    CK_ONEDNN_MISSING,      ///< no libdnnl.so.3 or libdnnl.so.2
    CK_ONEDNN_UNSUITABLE,   ///< one of another major version, or built for threads that cannot be kept to one
};
/// Whether oneDNN is there, from the first call on.
enum ck_onednn_state ck_onednn(void);
/// Its name and version, or "none".
const char *ck_onednn_name(void);
/// y (m x n, fp32) = x (m x k) times w, or added to y: w is (k x n) or, transposed, (n x k); strides in values.
struct ck_product_shape {
    int64_t m, n, k, x_stride, w_stride, y_stride;
    int w_transposed, accumulating;
    int is_bf16;   ///< x and w are bf16; else fp32
};
struct ck_product;
/// Prepares a product of one shape for one thread at a time; NULL when oneDNN has none on this processor.
struct ck_product *ck_product_prepare(struct ck_product_shape shape);
/// The bytes that `ck_product_run` needs at `scratch`, 64-byte-aligned.
size_t ck_product_scratch_bytes(const struct ck_product *product);
/// oneDNN's name for the code that it picked.
const char *ck_product_implementation(const struct ck_product *product);
/// Computes the product on the calling thread; 0, or oneDNN's error.
int ck_product_run(struct ck_product *product, void *y, const void *x, const void *w, void *scratch);
void ck_product_release(struct ck_product *product);

// -- bf16vectors.c: a block of such a product by bf16 dot products
/// Whether this processor has bf16 dot products (AVX512_BF16, which those with AMX have too).
int ck_has_bf16_products(void);

// -- bf16tiles.c: products of bf16 matrices in the order of the processor's own matrix tiles
/// What computes products of factors in tiles.
enum ck_tile_engine {
    CK_ENGINE_PLAIN,     ///< loops that any processor has, to compare and to test
    CK_ENGINE_VECTORS,   ///< AVX512_BF16; of one part
    CK_ENGINE_TILES,     ///< AMX
};
/// Whether this processor has matrix tiles of bf16 (Intel's AMX) and the kernel lets this process use them.
int ck_has_bf16_tiles(void);
/// The bf16 values of a factor in tiles: `rows` of x or columns of w, of `parts` each, both sides filled up to 32.
size_t ck_tiled_values(size_t rows, size_t k, int parts);
/// y (m x n, fp32) = x w, or added to y, of factors in tiles, on the calling thread.
/// Of w's `w_k` rows the first k are used; x holds zeros where k is filled up.
void ck_tiled_product(float *y, size_t y_stride, const uint16_t *x, const uint16_t *w, size_t m, size_t n, size_t k,
                      size_t w_k, int parts, int accumulating, enum ck_tile_engine engine);

// -- tilelayout.c: bringing factors into tiles
/// Brings rows of x (rows x k), a multiple of 32 or the last ones, into tiles.
void ck_tile_rows(uint16_t *restrict tiles, int parts, const float *restrict x, size_t x_stride, size_t rows, size_t k);
/// Brings columns of w that lie as rows (n x k), a multiple of 32 or the last ones, into tiles.
void ck_tile_columns(uint16_t *restrict tiles, int parts, const float *restrict w, size_t w_stride, size_t n, size_t k);
/// Brings rows `first` on of w (k x n), a multiple of 32 or the last ones, into the tiles of all of it.
void ck_tile_stored(uint16_t *restrict tiles, int parts, const float *restrict w, size_t w_stride, size_t rows, size_t n,
                    size_t first, size_t k);
/// Transposes each of `count` tiles of 16 pairs of bf16 values a row.
void ck_turn_tiles(uint16_t *tiles, size_t count);

/// Brings columns of w that lie as rows (n x k), a multiple of 32 or the last ones, into panels.
void ck_panel_columns(float *restrict panels, const float *restrict w, size_t w_stride, size_t n, size_t k);
/// Brings rows `first` on of w (k x n) into the panels of all of it.
void ck_panel_stored(float *restrict panels, const float *restrict w, size_t w_stride, size_t rows, size_t n, size_t first,
                     size_t k);

// -- panels.c: products of fp32 matrices with a weight in panels
/// The values of w (k x n) in panels of 32 columns, the last one filled up.
size_t ck_panel_values(size_t n, size_t k);
/// y (m x n) = x w, or added to y, of w in panels, on the calling thread.
void ck_panel_product(float *restrict y, size_t y_stride, const float *restrict x, size_t x_stride,
                      const float *restrict w, size_t m, size_t n, size_t k, int accumulating);

// -- scaledtiles.c: products with a weight's own integers in tiles
/// The scales of a weight of n columns and k rows: one for each block of 32 rows of a column, columns filled up to 32.
size_t ck_scale_values(size_t n, size_t k);
/// y (m x n, fp32) = x w, or added to y, of x in tiles of three parts and w as `ck_lay_...` and `ck_turn_tiles` leave it;
/// k is a multiple of 32.
void ck_scaled_product(float *y, size_t y_stride, const uint16_t *x, const uint16_t *w, const float *scales, size_t m,
                       size_t n, size_t k, int accumulating, int on_tiles);

// -- restart.c
/// Starts this program again in this process, with the same arguments and an environment variable set; returns only with
/// an error number.
int ck_restart_with(const char *name, const char *value);

// -- optimizer.c
struct ck_adamw {
    float learning_rate, beta1, beta2, epsilon, weight_decay;
    float bias_correction1, bias_correction2;   ///< 1 - beta^step
};
/// One AdamW step (Loshchilov and Hutter 2019, 1711.05101) in PyTorch's order of operations.
void ck_adamw_step(float *restrict p, float *restrict m, float *restrict v, const float *restrict g,
                   struct ck_adamw options, float gradient_scale, size_t n);

#endif
