#include "CKernels.h"
#include "clones.h"
#include <math.h>

CK_INLINE float inverse_rms(const float *x, float epsilon, size_t n) {
    CK_REASSOCIATE
    float sum = 0;
    for (size_t i = 0; i < n; i++) sum += x[i] * x[i];
    return 1.0f / sqrtf(sum / (float)n + epsilon);
}

CK_CLONES void ck_rmsnorm(float *restrict y, float *inverse, const float *restrict x, const float *restrict w,
                          float epsilon, size_t rows, size_t n) {
    for (size_t r = 0; r < rows; r++) {
        float k = inverse_rms(x + r * n, epsilon, n);
        if (inverse) inverse[r] = k;
        for (size_t i = 0; i < n; i++) y[r * n + i] = x[r * n + i] * k * w[i];
    }
}

CK_CLONES void ck_rmsnorm_backward(float *restrict dx, const float *restrict dy, const float *restrict x,
                                   const float *restrict w, float epsilon, size_t rows, size_t n) {
    for (size_t r = 0; r < rows; r++) {
        CK_REASSOCIATE
        const float *xr = x + r * n, *dyr = dy + r * n;
        float k = inverse_rms(xr, epsilon, n);
        float projection = 0;
        for (size_t i = 0; i < n; i++) projection += dyr[i] * w[i] * xr[i];
        float c = projection * k * k * k / (float)n;
        for (size_t i = 0; i < n; i++) dx[r * n + i] += dyr[i] * w[i] * k - xr[i] * c;
    }
}
