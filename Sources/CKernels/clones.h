#ifndef OVERREAD_CLONES_H
#define OVERREAD_CLONES_H
// One source, several processors: the dynamic loader picks the best clone.
#if defined(__x86_64__) && defined(__linux__)
#define CK_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CK_CLONES
#endif
// The same with vectors of 512 bits where the processor has them.
#define CK_WIDE_CLONES CK_CLONES __attribute__((min_vector_width(512)))
// Level 4 of x86-64 with vectors of 512 bits: the compiler would else split them in two, and spill what then has no register.
#define CK_LEVEL_4 __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define CK_LEVEL_3 __attribute__((target("arch=x86-64-v3")))
#define CK_INLINE static inline __attribute__((always_inline))
// Lets a sum be reordered, which vectorising it needs; nothing else of fast-math.
#define CK_REASSOCIATE _Pragma("clang fp reassociate(on)")
#endif
