#include "CKernels.h"
#include "clones.h"
#include <math.h>

CK_CLONES void ck_adamw_step(float *restrict p, float *restrict m, float *restrict v, const float *restrict g,
                             struct ck_adamw o, float gradient_scale, size_t n) {
    float step = o.learning_rate / o.bias_correction1;
    float root = sqrtf(o.bias_correction2);
    for (size_t i = 0; i < n; i++) {
        float gradient = g[i] * gradient_scale;
        float first = o.beta1 * m[i] + (1.0f - o.beta1) * gradient;
        float second = o.beta2 * v[i] + (1.0f - o.beta2) * gradient * gradient;
        m[i] = first;
        v[i] = second;
        float decayed = p[i] - o.learning_rate * o.weight_decay * p[i];
        p[i] = decayed - step * first / (sqrtf(second) / root + o.epsilon);
    }
}
