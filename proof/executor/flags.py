"""The condition codes of x86, as VEX' helper functions work them out from the last operation that set them."""
import functools

import z3

from .terms import Unknown, arithmetic, both, compare, constants, differ, either, extract, most, negated

FEW = 8    # values of a factor, by which its product is split


def flags(machine, operation, first, second, third):
    """Carry, zero, sign and overflow for a constant `cc_op`. Parity and adjust are not modelled."""
    word = machine.bits
    if operation == 0:
        bit = lambda k: compare('NE', extract(first, k, 1, word), 0, 1)
        return bit(0), bit(6), bit(7), bit(11)
    kind, width = divmod(operation - 1, len(machine.widths))
    width = machine.widths[width]
    a, b = (extract(value, 0, width, word) for value in (first, second))
    negative = lambda value: compare('NE', extract(value, width - 1, 1, width), 0, 1)
    below = lambda x, y: compare('LT', x, y, width)
    carried = lambda value: compare('NE', extract(value, 0, 1, word), 0, 1)
    if kind == 0:  # add
        result = arithmetic('Add', a, b, width)
        carry = below(result, a) if most(a, width) + most(b, width) >> width else False
        overflow = both(negated(differ(negative(a), negative(b))), differ(negative(a), negative(result)))
    elif kind == 1:  # subtract, compare
        result = arithmetic('Sub', a, b, width)
        carry = below(a, b)
        overflow = both(differ(negative(a), negative(b)), differ(negative(a), negative(result)))
    elif kind in (2, 3):  # add and subtract with carry: the second operand is stored xor the old carry
        old = extract(third, 0, 1, word)
        old_wide = old if isinstance(old, int) else z3.ZeroExt(width - 1, old)
        b = arithmetic('Xor', b, old_wide, width)
        was = carried(third)
        if kind == 2:
            result = arithmetic('Add', arithmetic('Add', a, b, width), old_wide, width)
            carry = either(both(was, compare('LE', result, a, width)), both(negated(was), below(result, a)))
            overflow = both(negated(differ(negative(a), negative(b))), differ(negative(a), negative(result)))
        else:
            result = arithmetic('Sub', arithmetic('Sub', a, b, width), old_wide, width)
            carry = either(both(was, compare('LE', a, b, width)), both(negated(was), below(a, b)))
            overflow = both(differ(negative(a), negative(b)), differ(negative(a), negative(result)))
    elif kind == 4:  # and, or, xor, test
        result, carry, overflow = a, False, False
    elif kind in (5, 6):  # inc, dec: the carry stays
        result, carry = a, carried(third)
        overflow = compare('EQ', result, 1 << width - 1 if kind == 5 else (1 << width - 1) - 1, width)
    elif kind == 7:  # shift left
        result, carry, overflow = a, negative(b), differ(negative(a), negative(b))
    elif kind == 8:  # shift right
        result, carry, overflow = a, carried(second), differ(negative(a), negative(b))
    elif kind == 11:  # unsigned multiplication: both say that the upper half is not 0
        result = arithmetic('Mul', a, b, width)
        carry = overflow = exceeds(a, b, width)
    else:
        raise Unknown(f'cc_op {operation}')
    return carry, compare('EQ', result, 0, width), negative(result), overflow


def exceeds(a, b, width):
    """Whether a product has more bits than its factors. By the values of the second one, where they are few."""
    if isinstance(a, int):
        a, b = b, a
    if isinstance(a, int) or not isinstance(b, int) and constants(b, FEW) is None:
        whole = arithmetic('Mul', *(extend(x, width) for x in (a, b)), 2 * width)
        return compare('NE', extract(whole, width, width, 2 * width), 0, width)
    if not isinstance(b, int):
        return functools.reduce(either, [both(b == z3.BitVecVal(k, width), exceeds(a, k, width)) for k in sorted(constants(b, FEW))])
    return compare('LT', ((1 << width) - 1) // b, a, width) if b else False


def extend(value, width):
    return value if isinstance(value, int) else z3.ZeroExt(width, value)


def condition(code, codes):
    """One of the sixteen conditions of x86; an odd code negates the one below."""
    carry, zero, sign, overflow = codes
    if code >> 1 == 5:
        raise Unknown('a test of parity')
    less = differ(sign, overflow)
    value = (overflow, carry, zero, either(carry, zero), sign, None, less, either(zero, less))[code >> 1]
    return negated(value) if code & 1 else value


def by_case(operation, function):
    """`function` of a constant `cc_op`. Merging makes if-then-elses of constants, which are taken apart."""
    if isinstance(operation, int):
        return function(operation)
    if z3.is_bv_value(operation):
        return function(operation.as_long())
    if operation.decl().kind() == z3.Z3_OP_ITE:
        test, yes, no = operation.children()
        yes, no = by_case(yes, function), by_case(no, function)
        return either(both(test, yes), both(negated(test), no))
    raise Unknown('a cc_op that is not a constant')
