#include "CKernels.h"
#include "exponential.h"
#include "lanes.h"
#include <math.h>

// Sums of e^x run in fp32 over blocks of this many values and in fp64 over the blocks.
enum { BLOCK = 256 };

CK_CLONES struct ck_row_statistics ck_logits_statistics(const float *x, size_t n) {
    struct ck_row_statistics result = {0, 0, 0, 0};
    float largest = largest_of(x, n);
    size_t argmax = 0;
    // Whole groups are passed over that do not hold it.
    for (size_t found = 0; argmax + LANES <= n; argmax += LANES) {
        for (int i = 0; i < LANES; i++) found += x[argmax + i] == largest;
        if (found > 0) break;
    }
    while (argmax + 1 < n && x[argmax] != largest) argmax++;
    double sum = 0, weighted = 0, total = 0;
    for (size_t start = 0; start < n; start += BLOCK) {
        CK_REASSOCIATE
        size_t end = start + BLOCK < n ? start + BLOCK : n;
        float block_sum = 0, block_weighted = 0, block_total = 0;
        for (size_t i = start; i < end; i++) {
            float shifted = x[i] - largest;
            float e = ck_exp_one(shifted);
            block_sum += e;
            block_weighted += e * shifted;
            block_total += x[i];
        }
        sum += block_sum;
        weighted += block_weighted;
        total += block_total;
    }
    result.log_sum_exp = (double)largest + log(sum);
    result.entropy = log(sum) - weighted / sum;
    result.mean = total / (double)n;
    result.argmax = (int32_t)argmax;
    return result;
}

CK_CLONES void ck_logits_gradient(float *x, size_t n, double log_sum_exp, size_t target) {
    // Split so that the shift is exact where fp32 alone would lose digits of a large log-sum-exp.
    float high = (float)log_sum_exp, low = (float)(log_sum_exp - (double)high);
    for (size_t i = 0; i < n; i++) x[i] = -ck_exp_one((x[i] - high) - low);
    x[target] += 1.0f;
}
