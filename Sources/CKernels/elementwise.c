#include "CKernels.h"
#include "exponential.h"

CK_CLONES void ck_add(float *restrict y, const float *restrict x, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] += x[i];
}

CK_CLONES void ck_add_scaled(float *restrict y, const float *restrict x, float a, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] += a * x[i];
}

CK_CLONES void ck_scale(float *y, float a, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] *= a;
}

CK_CLONES void ck_exp(float *restrict y, const float *restrict x, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = ck_exp_one(x[i]);
}

CK_CLONES void ck_swiglu(float *restrict y, const float *restrict gate, const float *restrict up, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = gate[i] / (1.0f + ck_exp_one(-gate[i])) * up[i];
}

CK_CLONES void ck_swiglu_backward(float *restrict gate, float *restrict up, float *restrict y, const float *restrict dy,
                                  size_t n) {
    for (size_t i = 0; i < n; i++) {
        float g = gate[i];
        float sigma = 1.0f / (1.0f + ck_exp_one(-g));
        float silu = g * sigma;
        y[i] = silu * up[i];
        float dgate = dy[i] * up[i] * (sigma + silu * (1.0f - sigma));
        up[i] = dy[i] * silu;
        gate[i] = dgate;
    }
}

CK_CLONES double ck_sum_of_squares(const float *x, size_t n) {
    CK_REASSOCIATE
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)x[i] * (double)x[i];
    return sum;
}

CK_CLONES double ck_dot(const float *x, const float *y, size_t n) {
    CK_REASSOCIATE
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)x[i] * (double)y[i];
    return sum;
}

CK_CLONES size_t ck_count_nonfinite(const float *x, size_t n) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        union { float f; uint32_t u; } bits = {x[i]};
        count += (bits.u & 0x7f800000u) == 0x7f800000u;
    }
    return count;
}
