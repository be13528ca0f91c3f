#define _GNU_SOURCE
#include "CKernels.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// oneDNN, looked up when the program runs: without it everything else works, and nothing of it is needed to build.
//
// Its major versions 2 and 3 differ in how a matrix and a product are described; the rest is the same. What is declared
// here is their documented binary interface (oneapi-src.github.io/oneDNN, C API).

enum { DNNL_BF16 = 2, DNNL_F32 = 3, DNNL_CPU = 1, DNNL_IN_ORDER = 1, DNNL_SCRATCHPAD_USER = 1 };
enum { DNNL_ARG_SRC = 1, DNNL_ARG_DST = 17, DNNL_ARG_WEIGHTS = 33, DNNL_ARG_SCRATCHPAD = 80 };
enum { DNNL_QUERY_IMPLEMENTATION = 8, DNNL_QUERY_SCRATCHPAD = 136 };
enum { DNNL_RUNTIME_SEQUENTIAL = 1, DNNL_RUNTIME_OPENMP = 2 };

typedef int64_t dnnl_dims[12];
struct dnnl_argument {
    int name;
    void *memory;
};
struct dnnl_release {
    int major, minor, patch;
    const char *hash;
    unsigned cpu_runtime;
};

static struct {
    const struct dnnl_release *(*version)(void);
    int (*engine_create)(void **engine, int kind, size_t index);
    int (*stream_create)(void **stream, void *engine, unsigned flags);
    int (*stream_destroy)(void *stream);
    int (*stream_wait)(void *stream);
    int (*attr_create)(void **attributes);
    int (*attr_destroy)(void *attributes);
    int (*attr_set_scratchpad_mode)(void *attributes, int mode);
    int (*attr_set_post_ops)(void *attributes, const void *operations);
    int (*post_ops_create)(void **operations);
    int (*post_ops_destroy)(void *operations);
    int (*append_sum_2)(void *operations, float scale);
    int (*append_sum_3)(void *operations, float scale, int32_t zero_point, int type);
    int (*describe_matrix_2)(void *matrix, int dimensions, const dnnl_dims sizes, int type, const dnnl_dims strides);
    int (*describe_matrix_3)(void **matrix, int dimensions, const dnnl_dims sizes, int type, const dnnl_dims strides);
    int (*matrix_destroy_3)(void *matrix);
    int (*describe_product_2)(void *product, const void *x, const void *w, const void *bias, const void *y);
    int (*implement_2)(void **description, const void *product, void *attributes, void *engine, const void *hint);
    int (*implement_3)(void **description, void *engine, const void *x, const void *w, const void *bias, const void *y,
                       void *attributes);
    int (*query)(const void *description, int what, int index, void *result);
    const void *(*query_matrix)(const void *description, int what, int index);
    size_t (*matrix_bytes)(const void *matrix);
    int (*description_destroy)(void *description);
    int (*primitive_create)(void **primitive, const void *description);
    int (*primitive_destroy)(void *primitive);
    int (*execute)(const void *primitive, void *stream, int count, const struct dnnl_argument *arguments);
    int (*memory_create)(void **memory, const void *matrix, void *engine, void *handle);
    int (*memory_destroy)(void *memory);
    int (*set_handle)(void *memory, void *handle);
    void (*set_threads)(int count);   // libgomp's, or NULL where oneDNN has no threads of its own
    void *engine;
    char name[32];
    enum ck_onednn_state state;
} dnnl;

static int look_up(void *library, const char *name, void *target) {
    void *symbol = dlsym(library, name);
    memcpy(target, &symbol, sizeof symbol);
    return symbol != NULL;
}

static enum ck_onednn_state load(void) {
    static const char *const names[] = {"libdnnl.so.3", "libdnnl.so.2"};
    void *library = NULL;
    for (size_t i = 0; i < 2 && !library; i++) library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (!library) return CK_ONEDNN_MISSING;
    int found = look_up(library, "dnnl_version", &dnnl.version)
        && look_up(library, "dnnl_engine_create", &dnnl.engine_create)
        && look_up(library, "dnnl_stream_create", &dnnl.stream_create)
        && look_up(library, "dnnl_stream_destroy", &dnnl.stream_destroy)
        && look_up(library, "dnnl_stream_wait", &dnnl.stream_wait)
        && look_up(library, "dnnl_primitive_attr_create", &dnnl.attr_create)
        && look_up(library, "dnnl_primitive_attr_destroy", &dnnl.attr_destroy)
        && look_up(library, "dnnl_primitive_attr_set_scratchpad_mode", &dnnl.attr_set_scratchpad_mode)
        && look_up(library, "dnnl_primitive_attr_set_post_ops", &dnnl.attr_set_post_ops)
        && look_up(library, "dnnl_post_ops_create", &dnnl.post_ops_create)
        && look_up(library, "dnnl_post_ops_destroy", &dnnl.post_ops_destroy)
        && look_up(library, "dnnl_primitive_desc_query", &dnnl.query)
        && look_up(library, "dnnl_primitive_desc_query_md", &dnnl.query_matrix)
        && look_up(library, "dnnl_memory_desc_get_size", &dnnl.matrix_bytes)
        && look_up(library, "dnnl_primitive_desc_destroy", &dnnl.description_destroy)
        && look_up(library, "dnnl_primitive_create", &dnnl.primitive_create)
        && look_up(library, "dnnl_primitive_destroy", &dnnl.primitive_destroy)
        && look_up(library, "dnnl_primitive_execute", &dnnl.execute)
        && look_up(library, "dnnl_memory_create", &dnnl.memory_create)
        && look_up(library, "dnnl_memory_destroy", &dnnl.memory_destroy)
        && look_up(library, "dnnl_memory_set_data_handle", &dnnl.set_handle);
    if (!found) return CK_ONEDNN_UNSUITABLE;
    const struct dnnl_release *release = dnnl.version();
    if (release->major == 2)
        found = look_up(library, "dnnl_post_ops_append_sum", &dnnl.append_sum_2)
            && look_up(library, "dnnl_memory_desc_init_by_strides", &dnnl.describe_matrix_2)
            && look_up(library, "dnnl_matmul_desc_init", &dnnl.describe_product_2)
            && look_up(library, "dnnl_primitive_desc_create", &dnnl.implement_2);
    else if (release->major == 3)
        found = look_up(library, "dnnl_post_ops_append_sum", &dnnl.append_sum_3)
            && look_up(library, "dnnl_memory_desc_create_with_strides", &dnnl.describe_matrix_3)
            && look_up(library, "dnnl_memory_desc_destroy", &dnnl.matrix_destroy_3)
            && look_up(library, "dnnl_matmul_primitive_desc_create", &dnnl.implement_3);
    else
        found = 0;
    // Its own threads would fight with ours: one is asked for wherever it is called.
    if (release->cpu_runtime == DNNL_RUNTIME_OPENMP)
        found = found && look_up(library, "omp_set_num_threads", &dnnl.set_threads);
    else if (release->cpu_runtime != DNNL_RUNTIME_SEQUENTIAL)
        found = 0;
    if (!found || dnnl.engine_create(&dnnl.engine, DNNL_CPU, 0) != 0) return CK_ONEDNN_UNSUITABLE;
    char *end = dnnl.name;
    const char *prefix = "oneDNN ";
    end = stpcpy(end, prefix);
    int parts[] = {release->major, release->minor, release->patch};
    for (int i = 0; i < 3; i++) {
        char digits[8];
        int count = 0;
        for (int rest = parts[i] < 0 || parts[i] > 99999 ? 0 : parts[i]; rest > 0 || count == 0; rest /= 10)
            digits[count++] = (char)('0' + rest % 10);
        if (i > 0) *end++ = '.';
        while (count > 0) *end++ = digits[--count];
    }
    *end = 0;
    return CK_ONEDNN_READY;
}

static void load_once(void) { dnnl.state = load(); }

enum ck_onednn_state ck_onednn(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load_once);
    return dnnl.state;
}

const char *ck_onednn_name(void) { return ck_onednn() == CK_ONEDNN_READY ? dnnl.name : "none"; }

struct ck_product {
    void *primitive, *stream, *x, *w, *y, *scratch;
    size_t scratch_bytes;
    char implementation[48];
};

// A matrix of either version: the struct itself in 2 (696 bytes in 2.6), a handle in 3.
union matrix {
    void *handle;
    max_align_t room[4096 / sizeof(max_align_t)];
};
// A product's description in 2 (2,800 bytes in 2.6).
union product {
    max_align_t room[16384 / sizeof(max_align_t)];
};

static int describe(union matrix *matrix, int64_t rows, int64_t columns, int64_t row_step, int64_t column_step, int type) {
    dnnl_dims sizes = {rows, columns};
    dnnl_dims strides = {row_step, column_step};
    if (dnnl.describe_matrix_2) return dnnl.describe_matrix_2(matrix, 2, sizes, type, strides);
    return dnnl.describe_matrix_3(&matrix->handle, 2, sizes, type, strides);
}

static const void *as_argument(const union matrix *matrix) {
    return dnnl.describe_matrix_2 ? (const void *)matrix : matrix->handle;
}

static int implement(void **description, const union matrix *x, const union matrix *w, const union matrix *y,
                     void *attributes) {
    if (dnnl.implement_3)
        return dnnl.implement_3(description, dnnl.engine, as_argument(x), as_argument(w), NULL, as_argument(y), attributes);
    union product *product = calloc(1, sizeof *product);
    if (!product) return -1;
    int failure = dnnl.describe_product_2(product, as_argument(x), as_argument(w), NULL, as_argument(y));
    if (!failure) failure = dnnl.implement_2(description, product, attributes, dnnl.engine, NULL);
    free(product);
    return failure;
}

static int make_attributes(void **attributes, int accumulating) {
    if (dnnl.attr_create(attributes) != 0) return -1;
    int failure = dnnl.attr_set_scratchpad_mode(*attributes, DNNL_SCRATCHPAD_USER);
    if (failure || !accumulating) return failure;
    void *operations = NULL;
    if (dnnl.post_ops_create(&operations) != 0) return -1;
    failure = dnnl.append_sum_2 ? dnnl.append_sum_2(operations, 1) : dnnl.append_sum_3(operations, 1, 0, DNNL_F32);
    if (!failure) failure = dnnl.attr_set_post_ops(*attributes, operations);
    dnnl.post_ops_destroy(operations);
    return failure;
}

static int make_memories(struct ck_product *product, const void *description, const union matrix *x,
                         const union matrix *w, const union matrix *y) {
    const void *scratch = dnnl.query_matrix(description, DNNL_QUERY_SCRATCHPAD, 0);
    product->scratch_bytes = scratch ? dnnl.matrix_bytes(scratch) : 0;
    const char *implementation = NULL;
    return dnnl.query(description, DNNL_QUERY_IMPLEMENTATION, 0, &implementation)
        || (strncpy(product->implementation, implementation, sizeof product->implementation - 1), 0)
        || dnnl.memory_create(&product->x, as_argument(x), dnnl.engine, NULL)
        || dnnl.memory_create(&product->w, as_argument(w), dnnl.engine, NULL)
        || dnnl.memory_create(&product->y, as_argument(y), dnnl.engine, NULL)
        || (product->scratch_bytes > 0 && dnnl.memory_create(&product->scratch, scratch, dnnl.engine, NULL))
        || dnnl.stream_create(&product->stream, dnnl.engine, DNNL_IN_ORDER)
        || dnnl.primitive_create(&product->primitive, description);
}

struct ck_product *ck_product_prepare(struct ck_product_shape s) {
    if (ck_onednn() != CK_ONEDNN_READY) return NULL;
    if (dnnl.set_threads) dnnl.set_threads(1);
    int type = s.is_bf16 ? DNNL_BF16 : DNNL_F32;
    union matrix x = {0}, w = {0}, y = {0};
    void *attributes = NULL, *description = NULL;
    struct ck_product *product = calloc(1, sizeof *product);
    int failure = !product
        || describe(&x, s.m, s.k, s.x_stride, 1, type)
        || describe(&w, s.k, s.n, s.w_transposed ? 1 : s.w_stride, s.w_transposed ? s.w_stride : 1, type)
        || describe(&y, s.m, s.n, s.y_stride, 1, DNNL_F32)
        || make_attributes(&attributes, s.accumulating)
        || implement(&description, &x, &w, &y, attributes)
        || make_memories(product, description, &x, &w, &y);
    if (description) dnnl.description_destroy(description);
    if (attributes) dnnl.attr_destroy(attributes);
    if (dnnl.matrix_destroy_3) {
        union matrix *all[] = {&x, &w, &y};
        for (int i = 0; i < 3; i++)
            if (all[i]->handle) dnnl.matrix_destroy_3(all[i]->handle);
    }
    if (!failure) return product;
    ck_product_release(product);
    return NULL;
}

size_t ck_product_scratch_bytes(const struct ck_product *product) { return product->scratch_bytes; }

const char *ck_product_implementation(const struct ck_product *product) { return product->implementation; }

int ck_product_run(struct ck_product *product, void *y, const void *x, const void *w, void *scratch) {
    if (dnnl.set_threads) dnnl.set_threads(1);
    struct dnnl_argument arguments[] = {
        {DNNL_ARG_SRC, product->x}, {DNNL_ARG_WEIGHTS, product->w}, {DNNL_ARG_DST, product->y},
        {DNNL_ARG_SCRATCHPAD, product->scratch},
    };
    return dnnl.set_handle(product->x, (void *)x) || dnnl.set_handle(product->w, (void *)w)
        || dnnl.set_handle(product->y, y) || (product->scratch && dnnl.set_handle(product->scratch, scratch))
        || dnnl.execute(product->primitive, product->stream, product->scratch ? 4 : 3, arguments)
        || dnnl.stream_wait(product->stream);
}

void ck_product_release(struct ck_product *product) {
    if (!product) return;
    void *memories[] = {product->x, product->w, product->y, product->scratch};
    for (int i = 0; i < 4; i++)
        if (memories[i]) dnnl.memory_destroy(memories[i]);
    if (product->primitive) dnnl.primitive_destroy(product->primitive);
    if (product->stream) dnnl.stream_destroy(product->stream);
    free(product);
}
