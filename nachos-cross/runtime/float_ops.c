/*
 * Floating point in software: what gcc calls with -msoft-float. IEEE 754, rounded to nearest, ties to even. The names are
 * libgcc's; numbers come and go as their bits, which -msoft-float passes where it passes integers.
 *
 * float and double share one form: a sign, a power of two, and a fraction of 64 bits whose top bit is set.
 */
typedef unsigned int word;
typedef unsigned long long wide;

enum kind { ZERO, NORMAL, INFINITE, NOT_A_NUMBER };

typedef struct {
    enum kind kind;
    int negative;
    int exponent; /* the value is fraction * 2^(exponent - 63) */
    wide fraction;
} number;

#define TOP ((wide)1 << 63)

/* A format: bits of its fraction with the hidden one, and its greatest exponent. */
#define SINGLE 24, 127
#define DOUBLE 53, 1023

static number normal(int negative, int exponent, wide fraction)
{
    number n = { NORMAL, negative, exponent, fraction };

    if (fraction == 0) {
        n.kind = ZERO;
        return n;
    }
    while (!(n.fraction & TOP)) {
        n.fraction <<= 1;
        n.exponent--;
    }
    return n;
}

static number special(enum kind kind, int negative)
{
    number n = { kind, negative, 0, 0 };

    return n;
}

static number unpack(wide bits, int negative, int precision, int greatest)
{
    int biased = (int)(bits >> (precision - 1));
    wide fraction = bits & (((wide)1 << (precision - 1)) - 1);

    if (biased == 2 * greatest + 1)
        return special(fraction != 0 ? NOT_A_NUMBER : INFINITE, negative);
    if (biased == 0)
        biased = 1; /* no hidden bit */
    else
        fraction |= (wide)1 << (precision - 1);
    return normal(negative, biased - greatest, fraction << (64 - precision));
}

static number single(word bits) { return unpack(bits & 0x7fffffff, bits & 0x80000000 ? 1 : 0, SINGLE); }
static number twice(wide bits) { return unpack(bits & ~TOP, bits & TOP ? 1 : 0, DOUBLE); }

/* Shifts to the right; a bit that falls out stays as the lowest one, for rounding. */
static wide shift_right(wide value, int by)
{
    if (by == 0)
        return value;
    if (by > 63)
        return value != 0;
    return value >> by | ((value << (64 - by)) != 0);
}

static wide pack(number n, int precision, int greatest)
{
    const int drop = 64 - precision;
    const wide hidden = (wide)1 << (precision - 1);
    const wide infinite = (wide)(2 * greatest + 1) << (precision - 1);
    wide rest, bits;
    int biased = n.exponent + greatest;

    if (n.kind == NOT_A_NUMBER)
        return infinite | hidden >> 1;
    if (n.kind == INFINITE)
        return infinite;
    if (n.kind == ZERO)
        return 0;
    if (biased < 1) {
        n.fraction = shift_right(n.fraction, 1 - biased);
        biased = 0;
    }
    rest = n.fraction & (((wide)1 << drop) - 1);
    bits = n.fraction >> drop;
    if (rest > (wide)1 << (drop - 1) || (rest == (wide)1 << (drop - 1) && (bits & 1)))
        bits++;
    /* Where rounding carried, the carry goes on into the exponent. */
    if (biased != 0)
        bits += ((wide)(biased - 1) << (precision - 1));
    return biased > 2 * greatest || bits > infinite ? infinite : bits;
}

static word to_single(number n) { return (word)pack(n, SINGLE) | (n.negative ? 0x80000000 : 0); }
static wide to_double(number n) { return pack(n, DOUBLE) | (n.negative ? TOP : 0); }

static number negated(number n)
{
    n.negative = !n.negative;
    return n;
}

static number add(number a, number b)
{
    wide sum;

    if (a.kind == NOT_A_NUMBER || b.kind == NOT_A_NUMBER)
        return special(NOT_A_NUMBER, 0);
    if (a.kind == INFINITE)
        return b.kind == INFINITE && a.negative != b.negative ? special(NOT_A_NUMBER, 0) : a;
    if (b.kind == INFINITE || (a.kind == ZERO && b.kind == NORMAL))
        return b;
    if (b.kind == ZERO)
        return a.kind == ZERO ? special(ZERO, a.negative && b.negative) : a;
    if (a.exponent < b.exponent || (a.exponent == b.exponent && a.fraction < b.fraction)) {
        number t = a;

        a = b;
        b = t;
    }
    b.fraction = shift_right(shift_right(b.fraction, 2), a.exponent - b.exponent);
    a.fraction = shift_right(a.fraction, 2);
    sum = a.negative == b.negative ? a.fraction + b.fraction : a.fraction - b.fraction;
    if (sum == 0)
        return special(ZERO, 0);
    return normal(a.negative, a.exponent + 2, sum);
}

static number multiply(number a, number b)
{
    const int negative = a.negative != b.negative;
    word al, ah, bl, bh;
    wide low, mid, high;

    if (a.kind == NOT_A_NUMBER || b.kind == NOT_A_NUMBER)
        return special(NOT_A_NUMBER, 0);
    if (a.kind == INFINITE || b.kind == INFINITE)
        return special(a.kind == ZERO || b.kind == ZERO ? NOT_A_NUMBER : INFINITE, negative);
    if (a.kind == ZERO || b.kind == ZERO)
        return special(ZERO, negative);
    al = (word)a.fraction, ah = (word)(a.fraction >> 32);
    bl = (word)b.fraction, bh = (word)(b.fraction >> 32);
    low = (wide)al * bl;
    mid = (wide)ah * bl + (low >> 32);
    high = (wide)ah * bh + (mid >> 32);
    mid = (wide)al * bh + (word)mid;
    high += mid >> 32;
    return normal(negative, a.exponent + b.exponent + 1, high | ((word)mid != 0 || (word)low != 0));
}

static number divide(number a, number b)
{
    const int negative = a.negative != b.negative;
    wide quotient = 0, rest = a.fraction;
    int i, carry = 0;

    if (a.kind == NOT_A_NUMBER || b.kind == NOT_A_NUMBER)
        return special(NOT_A_NUMBER, 0);
    if (a.kind == INFINITE || b.kind == ZERO)
        return special(a.kind == b.kind || (a.kind == ZERO && b.kind == ZERO) ? NOT_A_NUMBER : INFINITE, negative);
    if (a.kind == ZERO || b.kind == INFINITE)
        return special(ZERO, negative);
    for (i = 0; i < 64; i++) {
        quotient <<= 1;
        if (carry || rest >= b.fraction) {
            rest -= b.fraction;
            quotient |= 1;
        }
        carry = rest & TOP ? 1 : 0;
        rest <<= 1;
    }
    return normal(negative, a.exponent - b.exponent, quotient | (carry || rest != 0));
}

/* -1, 0 or 1; `unordered` where one is not a number. */
static int compare(number a, number b, int unordered)
{
    int less;

    if (a.kind == NOT_A_NUMBER || b.kind == NOT_A_NUMBER)
        return unordered;
    if (a.kind == ZERO && b.kind == ZERO)
        return 0;
    if (a.kind == ZERO || b.kind == ZERO || a.negative != b.negative)
        return (a.kind == ZERO ? !b.negative : a.negative) ? -1 : 1;
    if (a.kind != b.kind)
        less = a.kind < b.kind;
    else if (a.exponent != b.exponent)
        less = a.exponent < b.exponent;
    else if (a.fraction != b.fraction)
        less = a.fraction < b.fraction;
    else
        return 0;
    return less != a.negative ? -1 : 1;
}

static number from_signed(long long value)
{
    return normal(value < 0, 63, value < 0 ? -(wide)value : (wide)value);
}

/* The integer towards zero; what does not fit is cut to the bounds. */
static wide magnitude(number n, wide most)
{
    wide value;

    if (n.kind == NOT_A_NUMBER || n.kind == ZERO || n.exponent < 0)
        return 0;
    if (n.kind == INFINITE || n.exponent > 63)
        return most;
    value = n.fraction >> (63 - n.exponent);
    return value > most ? most : value;
}

static long long to_signed(number n, wide greatest)
{
    wide value = magnitude(n, n.negative ? greatest + 1 : greatest);

    return (long long)(n.negative ? -value : value);
}

static wide to_unsigned(number n, wide greatest)
{
    return n.negative ? 0 : magnitude(n, greatest);
}

word __addsf3(word a, word b) { return to_single(add(single(a), single(b))); }
word __subsf3(word a, word b) { return to_single(add(single(a), negated(single(b)))); }
word __mulsf3(word a, word b) { return to_single(multiply(single(a), single(b))); }
word __divsf3(word a, word b) { return to_single(divide(single(a), single(b))); }
wide __adddf3(wide a, wide b) { return to_double(add(twice(a), twice(b))); }
wide __subdf3(wide a, wide b) { return to_double(add(twice(a), negated(twice(b)))); }
wide __muldf3(wide a, wide b) { return to_double(multiply(twice(a), twice(b))); }
wide __divdf3(wide a, wide b) { return to_double(divide(twice(a), twice(b))); }

wide __extendsfdf2(word a) { return to_double(single(a)); }
word __truncdfsf2(wide a) { return to_single(twice(a)); }

int __eqsf2(word a, word b) { return compare(single(a), single(b), 1); }
int __nesf2(word a, word b) { return compare(single(a), single(b), 1); }
int __ltsf2(word a, word b) { return compare(single(a), single(b), 1); }
int __lesf2(word a, word b) { return compare(single(a), single(b), 1); }
int __gtsf2(word a, word b) { return compare(single(a), single(b), -1); }
int __gesf2(word a, word b) { return compare(single(a), single(b), -1); }
int __unordsf2(word a, word b) { return compare(single(a), single(b), 2) == 2; }
int __eqdf2(wide a, wide b) { return compare(twice(a), twice(b), 1); }
int __nedf2(wide a, wide b) { return compare(twice(a), twice(b), 1); }
int __ltdf2(wide a, wide b) { return compare(twice(a), twice(b), 1); }
int __ledf2(wide a, wide b) { return compare(twice(a), twice(b), 1); }
int __gtdf2(wide a, wide b) { return compare(twice(a), twice(b), -1); }
int __gedf2(wide a, wide b) { return compare(twice(a), twice(b), -1); }
int __unorddf2(wide a, wide b) { return compare(twice(a), twice(b), 2) == 2; }

#define MOST_SIGNED_WORD 0x7fffffff
#define MOST_SIGNED_WIDE (TOP - 1)

word __floatsisf(int value) { return to_single(from_signed(value)); }
word __floatunsisf(word value) { return to_single(normal(0, 63, value)); }
word __floatdisf(long long value) { return to_single(from_signed(value)); }
word __floatundisf(wide value) { return to_single(normal(0, 63, value)); }
wide __floatsidf(int value) { return to_double(from_signed(value)); }
wide __floatunsidf(word value) { return to_double(normal(0, 63, value)); }
wide __floatdidf(long long value) { return to_double(from_signed(value)); }
wide __floatundidf(wide value) { return to_double(normal(0, 63, value)); }

int __fixsfsi(word a) { return (int)to_signed(single(a), MOST_SIGNED_WORD); }
word __fixunssfsi(word a) { return (word)to_unsigned(single(a), 0xffffffff); }
long long __fixsfdi(word a) { return to_signed(single(a), MOST_SIGNED_WIDE); }
wide __fixunssfdi(word a) { return to_unsigned(single(a), ~(wide)0); }
int __fixdfsi(wide a) { return (int)to_signed(twice(a), MOST_SIGNED_WORD); }
word __fixunsdfsi(wide a) { return (word)to_unsigned(twice(a), 0xffffffff); }
long long __fixdfdi(wide a) { return to_signed(twice(a), MOST_SIGNED_WIDE); }
wide __fixunsdfdi(wide a) { return to_unsigned(twice(a), ~(wide)0); }
