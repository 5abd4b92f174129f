/*
 * The kit's arithmetic against this machine's: random numbers, and those at which rounding and range change. Built for
 * the host, where float and double are IEEE 754 in hardware.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define divide divide_wide
#define magnitude magnitude_wide
#include "../userprog/longlong_ops.c"
#undef divide
#undef magnitude
#define word float_word
#define wide float_wide
#include "../userprog/float_ops.c"
#undef word
#undef wide

static uint64_t state = 1992;
static int failures;

static uint64_t random64(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static float f(uint32_t bits) { float x; memcpy(&x, &bits, sizeof x); return x; }
static uint32_t fb(float x) { uint32_t bits; memcpy(&bits, &x, sizeof bits); return bits; }
static double d(uint64_t bits) { double x; memcpy(&x, &bits, sizeof x); return x; }
static uint64_t db(double x) { uint64_t bits; memcpy(&bits, &x, sizeof bits); return bits; }

static void same(const char *what, uint64_t a, uint64_t b, uint64_t ours, uint64_t theirs, int is_number)
{
    if (ours == theirs || !is_number || failures > 20)
        return;
    failures++;
    printf("%s(%#llx, %#llx): %#llx, and the machine says %#llx\n", what, (unsigned long long)a, (unsigned long long)b,
           (unsigned long long)ours, (unsigned long long)theirs);
}

#define F(name, operation) \
    do { \
        float r = f(a) operation f(b); \
        same(#name, a, b, name(a, b), fb(r), r == r); \
        if (r != r && (name(a, b) & 0x7fffffff) <= 0x7f800000) \
            same(#name " is a number", a, b, 0, 1, 1); \
    } while (0)
#define D(name, operation) \
    do { \
        double r = d(a) operation d(b); \
        same(#name, a, b, name(a, b), db(r), r == r); \
        if (r != r && (name(a, b) << 1) <= 0xffe0000000000000u) \
            same(#name " is a number", a, b, 0, 1, 1); \
    } while (0)

static void singles(uint32_t a, uint32_t b)
{
    F(__addsf3, +);
    F(__subsf3, -);
    F(__mulsf3, *);
    F(__divsf3, /);
    same("eq", a, b, __eqsf2(a, b) == 0, f(a) == f(b), 1);
    same("ne", a, b, __nesf2(a, b) != 0, f(a) != f(b), 1);
    same("lt", a, b, __ltsf2(a, b) < 0, f(a) < f(b), 1);
    same("le", a, b, __lesf2(a, b) <= 0, f(a) <= f(b), 1);
    same("gt", a, b, __gtsf2(a, b) > 0, f(a) > f(b), 1);
    same("ge", a, b, __gesf2(a, b) >= 0, f(a) >= f(b), 1);
    same("extend", a, 0, __extendsfdf2(a), db(f(a)), f(a) == f(a));
    same("float", a, 0, __floatsisf((int)a), fb((float)(int)a), 1);
    same("floatun", a, 0, __floatunsisf(a), fb((float)a), 1);
    same("floatsidf", a, 0, __floatsidf((int)a), db((double)(int)a), 1);
    if (f(a) > -2147483648.0f && f(a) < 2147483648.0f)
        same("fix", a, 0, (uint32_t)__fixsfsi(a), (uint32_t)(int)f(a), 1);
    if (f(a) > -1.0f && f(a) < 4294967296.0f)
        same("fixuns", a, 0, __fixunssfsi(a), (uint32_t)f(a), 1);
}

static void doubles(uint64_t a, uint64_t b)
{
    D(__adddf3, +);
    D(__subdf3, -);
    D(__muldf3, *);
    D(__divdf3, /);
    same("dlt", a, b, __ltdf2(a, b) < 0, d(a) < d(b), 1);
    same("dge", a, b, __gedf2(a, b) >= 0, d(a) >= d(b), 1);
    same("trunc", a, 0, __truncdfsf2(a), fb((float)d(a)), d(a) == d(a));
    same("floatdidf", a, 0, __floatdidf((long long)a), db((double)(long long)a), 1);
    same("floatundidf", a, 0, __floatundidf(a), db((double)a), 1);
    same("floatundisf", a, 0, __floatundisf(a), fb((float)a), 1);
    if (d(a) > -9223372036854775808.0 && d(a) < 9223372036854775808.0)
        same("fixdi", a, 0, (uint64_t)__fixdfdi(a), (uint64_t)(long long)d(a), 1);
}

static void integers(uint64_t a, uint64_t b)
{
    int by = (int)(b & 63);

    same("ashl", a, b, __ashldi3(a, by), a << by, 1);
    same("lshr", a, b, __lshrdi3(a, by), a >> by, 1);
    same("ashr", a, b, (uint64_t)__ashrdi3((long long)a, by), (uint64_t)((int64_t)a >> by), 1);
    if (b != 0) {
        same("udiv", a, b, __udivdi3(a, b), a / b, 1);
        same("umod", a, b, __umoddi3(a, b), a % b, 1);
    }
    if (b != 0 && b != UINT64_MAX) {
        same("div", a, b, (uint64_t)__divdi3((long long)a, (long long)b), (uint64_t)((int64_t)a / (int64_t)b), 1);
        same("mod", a, b, (uint64_t)__moddi3((long long)a, (long long)b), (uint64_t)((int64_t)a % (int64_t)b), 1);
    }
    same("bswap", a, 0, __bswapsi2((uint32_t)a), __builtin_bswap32((uint32_t)a), 1);
    same("popcount", a, 0, (unsigned)__popcountsi2((uint32_t)a), (unsigned)__builtin_popcount((uint32_t)a), 1);
    if ((uint32_t)a != 0) {
        same("clz", a, 0, (unsigned)__clzsi2((uint32_t)a), (unsigned)__builtin_clz((uint32_t)a), 1);
        same("ctz", a, 0, (unsigned)__ctzsi2((uint32_t)a), (unsigned)__builtin_ctz((uint32_t)a), 1);
    }
}

/* Signs, zeros, the smallest and the greatest of each range, infinities, one that is not a number. */
static const uint32_t single_edges[] = { 0, 1, 2, 0x7fffff, 0x800000, 0x800001, 0x3f7fffff, 0x3f800000, 0x3f800001,
                                         0x4b7fffff, 0x4b800000, 0x4f000000, 0x7f7fffff, 0x7f800000, 0x7fc00000 };
static const uint64_t double_edges[] = { 0, 1, 0xfffffffffffff, 0x10000000000000, 0x3fefffffffffffff, 0x3ff0000000000000,
                                         0x3ff0000000000001, 0x36a0000000000000, 0x47efffffe0000000, 0x47effffff0000000,
                                         0x43dfffffffffffff, 0x7fefffffffffffff, 0x7ff0000000000000, 0x7ff8000000000000 };

int main(void)
{
    unsigned i, j;

    printf("seed %llu\n", (unsigned long long)state);
    for (i = 0; i < 2 * sizeof single_edges / sizeof *single_edges; i++)
        for (j = 0; j < 2 * sizeof single_edges / sizeof *single_edges; j++)
            singles(single_edges[i / 2] | i << 31, single_edges[j / 2] | j << 31);
    for (i = 0; i < 2 * sizeof double_edges / sizeof *double_edges; i++)
        for (j = 0; j < 2 * sizeof double_edges / sizeof *double_edges; j++)
            doubles(double_edges[i / 2] | (uint64_t)i << 63, double_edges[j / 2] | (uint64_t)j << 63);
    for (i = 0; i < 300000; i++) {
        uint64_t a = random64(), b = random64();
        uint64_t near = (a & ~((uint64_t)0x1f << 52)) | (b & (uint64_t)0x1f << 52);

        singles((uint32_t)a, (uint32_t)b);
        singles((uint32_t)a, (uint32_t)(a & 0xff800000) ^ (uint32_t)(b & 0x81ffffff));
        doubles(a, b);
        doubles(a, near ^ (b & 0x8000ffffffffffff));
        integers(a, b);
        integers(a, b >> (a & 63));
    }
    printf(failures == 0 ? "the kit's arithmetic is the machine's\n" : "%d differences\n", failures);
    return failures != 0;
}
