/*
 * What gcc calls for operations on long long, and for a few on words, that a MIPS I has no instruction for. The libgcc of
 * a Linux compiler has them for a later MIPS only. The names are libgcc's.
 *
 * Shifts are made of words, so that nothing here calls itself.
 */
typedef unsigned int word;
typedef unsigned long long wide;

typedef union {
    wide all;
    struct {
        word low, high; /* little-endian */
    } part;
} halves;

wide __ashldi3(wide value, int by)
{
    halves v = { value };

    if (by & 32) {
        v.part.high = v.part.low << (by & 31);
        v.part.low = 0;
    } else if (by != 0) {
        v.part.high = v.part.high << by | v.part.low >> (32 - by);
        v.part.low <<= by;
    }
    return v.all;
}

wide __lshrdi3(wide value, int by)
{
    halves v = { value };

    if (by & 32) {
        v.part.low = v.part.high >> (by & 31);
        v.part.high = 0;
    } else if (by != 0) {
        v.part.low = v.part.low >> by | v.part.high << (32 - by);
        v.part.high >>= by;
    }
    return v.all;
}

long long __ashrdi3(long long value, int by)
{
    halves v = { (wide)value };
    int high = (int)v.part.high;

    if (by & 32) {
        v.part.low = (word)(high >> (by & 31));
        v.part.high = (word)(high >> 31);
    } else if (by != 0) {
        v.part.low = v.part.low >> by | v.part.high << (32 - by);
        v.part.high = (word)(high >> by);
    }
    return (long long)v.all;
}

/* The quotient, a bit at a time; the remainder goes to *rest. Without a divisor all bits of the quotient are set. */
static wide divide(wide dividend, wide divisor, wide *rest)
{
    halves left = { 0 }, right = { dividend }, by = { divisor };
    int i;

    for (i = 0; i < 64; i++) {
        word carry = left.part.high >> 31;

        left.part.high = left.part.high << 1 | left.part.low >> 31;
        left.part.low = left.part.low << 1 | right.part.high >> 31;
        right.part.high = right.part.high << 1 | right.part.low >> 31;
        right.part.low <<= 1;
        if (carry || left.all >= by.all) {
            left.all -= by.all;
            right.part.low |= 1;
        }
    }
    *rest = left.all;
    return right.all;
}

wide __udivdi3(wide dividend, wide divisor)
{
    wide rest;

    return divide(dividend, divisor, &rest);
}

wide __umoddi3(wide dividend, wide divisor)
{
    wide rest;

    divide(dividend, divisor, &rest);
    return rest;
}

static wide magnitude(long long value)
{
    return value < 0 ? -(wide)value : (wide)value;
}

long long __divdi3(long long dividend, long long divisor)
{
    wide quotient = __udivdi3(magnitude(dividend), magnitude(divisor));

    return (long long)((dividend < 0) != (divisor < 0) ? -quotient : quotient);
}

long long __moddi3(long long dividend, long long divisor)
{
    wide rest = __umoddi3(magnitude(dividend), magnitude(divisor));

    return (long long)(dividend < 0 ? -rest : rest);
}

int __clzsi2(word value)
{
    int count = 32;

    for (; value != 0; value >>= 1)
        count--;
    return count;
}

int __ctzsi2(word value)
{
    int count = 0;

    for (; count < 32 && !(value & 1); value >>= 1)
        count++;
    return count;
}

int __popcountsi2(word value)
{
    int count = 0;

    for (; value != 0; value >>= 1)
        count += (int)(value & 1);
    return count;
}

word __bswapsi2(word value)
{
    return value << 24 | (value & 0xff00) << 8 | (value >> 8 & 0xff00) | value >> 24;
}
