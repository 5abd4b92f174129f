"""Bits: a Python integer is a constant, anything else is a z3 term; and VEX' operations on them."""
import itertools
import math

import z3

WIDTHS = {'8': 8, '16': 16, '32': 32, '64': 64}


class Unknown(Exception):
    """Something that the executor has no meaning for. It stops there."""


def term(value, bits):
    return z3.BitVecVal(value, bits) if isinstance(value, int) else value


def boolean(value):
    return z3.BoolVal(bool(value)) if isinstance(value, (bool, int)) else value


def tidy(value):
    if isinstance(value, int):
        return value
    value = z3.simplify(value)
    return value.as_long() if z3.is_bv_value(value) else value


def constants(value, most):
    """Numbers among which a term is, by its form alone: an if-then-else of constants, or what operations make of such. None where
    there are more than so many."""
    known, todo = {}, [value]
    while todo:
        part = todo[-1]
        kind, parts = part.decl().kind(), part.children()
        if kind == z3.Z3_OP_ITE:
            parts = parts[1:]
        new = [child for child in parts if child.get_id() not in known]
        if new and part.get_id() not in known:
            todo += new
            continue
        todo.pop()
        if part.get_id() not in known:
            made = known[part.get_id()] = _made_of(part, [known[child.get_id()] for child in parts], most)
            if made is None:
                return None
    return known[value.get_id()]


def _made_of(part, sets, most):
    if z3.is_bv_value(part):
        return {part.as_long()}
    if not sets:
        return None
    if z3.is_app_of(part, z3.Z3_OP_ITE):
        made = set.union(*sets)
    elif not z3.is_bv(part) or math.prod(map(len, sets)) > most:
        return None
    else:
        children = part.children()
        put_in = lambda numbers: z3.substitute(part, *((a, z3.BitVecVal(n, a.size())) for a, n in zip(children, numbers)))
        values = [z3.simplify(put_in(numbers)) for numbers in itertools.product(*sets)]
        if not all(map(z3.is_bv_value, values)):
            return None
        made = {value.as_long() for value in values}
    return made if len(made) <= most else None


BOUNDS = {}   # by the identity of a term: the term, so that it stays, and the largest number that it can be


def most(value, width):
    """The largest number that a value of `width` bits can be, as far as its form shows: a sum of sizes that cannot wrap has no
    carry, whatever a solver would make of it."""
    if isinstance(value, int):
        return value
    todo = [value]
    while todo:
        part = todo[-1]
        if part.get_id() not in BOUNDS:
            new = [child for child in part.children() if z3.is_bv(child) and child.get_id() not in BOUNDS]
            if new:
                todo += new
                continue
            BOUNDS[part.get_id()] = part, _most(part)
        todo.pop()
    return BOUNDS[value.get_id()][1]


def _most(part):
    if z3.is_bv_value(part):
        return part.as_long()
    kind, every = part.decl().kind(), (1 << part.size()) - 1
    parts = [child for child in part.children() if z3.is_bv(child)]
    bounds = [BOUNDS[child.get_id()][1] for child in parts]
    constant = parts[-1].as_long() if parts and z3.is_bv_value(parts[-1]) else None
    if kind == z3.Z3_OP_ITE or kind == z3.Z3_OP_ZERO_EXT:
        return max(bounds)
    if kind == z3.Z3_OP_CONCAT:
        result = 0
        for child, bound in zip(parts, bounds):
            result = result << child.size() | bound
        return result
    if kind == z3.Z3_OP_EXTRACT:
        return min(bounds[0] >> part.params()[1], every)
    if kind == z3.Z3_OP_BAND:
        return min(bounds)
    if kind == z3.Z3_OP_BLSHR and constant is not None:
        return bounds[0] >> min(constant, part.size())
    if kind in (z3.Z3_OP_BADD, z3.Z3_OP_BMUL):
        result = sum(bounds) if kind == z3.Z3_OP_BADD else math.prod(bounds)
        return result if result <= every else every
    return every


def tidy_condition(value):
    if isinstance(value, (bool, int)):
        return bool(value)
    value = z3.simplify(value)
    return True if z3.is_true(value) else False if z3.is_false(value) else value


def signed(value, bits):
    return value - (1 << bits) if value >> bits - 1 else value


def extract(value, low, bits, width):
    """`bits` bits of a value of `width` bits, from bit `low` on. The common shapes are taken apart without the solver."""
    if isinstance(value, int):
        return value >> low & (1 << bits) - 1
    if bits == width:
        return value
    kind = value.decl().kind()
    if kind == z3.Z3_OP_CONCAT:
        at = width
        for part in value.children():
            at -= part.size()
            if at <= low and low + bits <= at + part.size():
                return extract(part.as_long() if z3.is_bv_value(part) else part, low - at, bits, part.size())
    if kind == z3.Z3_OP_EXTRACT:
        base = value.params()[1] + low
        return z3.Extract(base + bits - 1, base, value.children()[0])
    return z3.Extract(low + bits - 1, low, value)


def concat(parts):
    """Joins (value, bits), the most significant first."""
    if all(isinstance(value, int) for value, _ in parts):
        whole = 0
        for value, bits in parts:
            whole = whole << bits | value
        return whole
    return z3.Concat(*(term(value, bits) for value, bits in parts)) if len(parts) > 1 else parts[0][0]


def choose(condition, yes, no, bits):
    if condition is True:
        return yes
    if condition is False:
        return no
    if yes is no or isinstance(yes, int) and isinstance(no, int) and yes == no:
        return yes
    first, second = term(yes, bits), term(no, bits)
    return yes if first.eq(second) else z3.If(condition, first, second)


def both(a, b):
    if a is False or b is False:
        return False
    return b if a is True else a if b is True else z3.And(a, b)


def negated(a):
    return not a if isinstance(a, bool) else z3.Not(a)


def either(a, b):
    return negated(both(negated(a), negated(b)))


def differ(a, b):
    return a != b if isinstance(a, bool) and isinstance(b, bool) else z3.Xor(boolean(a), boolean(b))


MOVING = z3.Z3_OP_BSHL, z3.Z3_OP_BLSHR
MOVED = *MOVING, z3.Z3_OP_BAND, z3.Z3_OP_CONCAT


def bytes_of(value, width):
    """The bytes of a value, the lowest first, as far as its form shows that it is made of such."""
    count = width // 8
    if isinstance(value, int) or z3.is_bv_value(value):
        value = value if isinstance(value, int) else value.as_long()
        return [value >> 8 * k & 0xFF for k in range(count)]
    kind, parts = value.decl().kind(), value.children()
    constant = parts[-1].as_long() if parts and z3.is_bv_value(parts[-1]) else None
    if kind == z3.Z3_OP_CONCAT and all(part.size() % 8 == 0 for part in parts):
        return [byte for part in reversed(parts) for byte in bytes_of(part, part.size())]
    if kind in MOVING and constant is not None and constant % 8 == 0:
        inner, moved = bytes_of(parts[0], width), min(constant // 8, count)
        return [0] * moved + inner[:count - moved] if kind == z3.Z3_OP_BSHL else inner[moved:] + [0] * moved
    if kind == z3.Z3_OP_BAND and constant is not None and len(parts) == 2:
        mask = [constant >> 8 * k & 0xFF for k in range(count)]
        if all(byte in (0, 0xFF) for byte in mask):
            return [byte if kept else 0 for byte, kept in zip(bytes_of(parts[0], width), mask)]
    return [extract(value, 8 * k, 8, width) for k in range(count)]


def joined(a, b, width):
    """Two values, of which each byte is 0 in one or the other, as one: so the bytes of a number in the other order end up. None
    where that is not so."""
    if width % 8 or not any(not isinstance(x, int) and x.decl().kind() in MOVED for x in (a, b)):
        return None
    pairs = list(zip(bytes_of(a, width), bytes_of(b, width)))
    zero = lambda byte: isinstance(byte, int) and byte == 0
    if not all(zero(x) or zero(y) for x, y in pairs):
        return None
    return concat([(y if zero(x) else x, 8) for x, y in reversed(pairs)])


def arithmetic(name, a, b, width):
    mask = (1 << width) - 1
    if isinstance(a, int) and isinstance(b, int):
        return {'Add': a + b, 'Sub': a - b, 'Mul': a * b, 'And': a & b, 'Or': a | b, 'Xor': a ^ b}[name] & mask
    zero = [isinstance(x, int) and x == 0 for x in (a, b)]
    if zero[1] and name in ('Add', 'Sub', 'Or', 'Xor'):
        return a
    if zero[0] and name in ('Add', 'Or', 'Xor'):
        return b
    if name in ('And', 'Mul') and any(zero):
        return 0
    if name == 'And' and isinstance(b, int) and b == mask:
        return a
    a, b = term(a, width), term(b, width)
    if a.eq(b):
        if name in ('Sub', 'Xor'):
            return 0
        if name in ('And', 'Or'):
            return a
    one = joined(a, b, width) if name == 'Or' else None
    if one is not None:
        return one
    return {'Add': a.__add__, 'Sub': a.__sub__, 'Mul': a.__mul__, 'And': a.__and__, 'Or': a.__or__, 'Xor': a.__xor__}[name](b)


def shift(name, a, count, width):
    """`count` has 8 bits. VEX leaves counts of `width` and more undefined; a constant one is refused."""
    if isinstance(count, int):
        if count >= width:
            raise Unknown(f'a shift by {count} of {width} bits')
        if isinstance(a, int):
            mask = (1 << width) - 1
            return {'Shl': a << count & mask, 'Shr': a >> count, 'Sar': signed(a, width) >> count & mask}[name]
        if count == 0:
            return a
    a = term(a, width)
    count = z3.BitVecVal(count, width) if isinstance(count, int) else z3.ZeroExt(width - 8, count) if width > 8 else count
    return {'Shl': lambda: a << count, 'Shr': lambda: z3.LShR(a, count), 'Sar': lambda: a >> count}[name]()


def compare(name, a, b, width, sign='U'):
    if isinstance(a, int) and isinstance(b, int):
        if sign == 'S':
            a, b = signed(a, width), signed(b, width)
        return {'EQ': a == b, 'NE': a != b, 'LT': a < b, 'LE': a <= b}[name]
    if sign == 'U' and name in ('LT', 'LE'):
        limit = 1 if name == 'LT' else 0
        if isinstance(b, int) and most(a, width) + limit <= b:
            return True
        if isinstance(a, int) and a + limit > most(b, width):
            return False
    a, b = term(a, width), term(b, width)
    if a.eq(b):
        return name in ('EQ', 'LE')
    if name in ('EQ', 'NE'):
        return a == b if name == 'EQ' else z3.Not(a == b)
    if sign == 'S':
        return a < b if name == 'LT' else a <= b
    return z3.ULT(a, b) if name == 'LT' else z3.ULE(a, b)


def operate(operation, args):
    """One VEX operation, by its name: `Iop_Add32`, `Iop_CmpLT64U`, `Iop_32Uto64` and so on."""
    name = operation[4:]
    for rule in (_arithmetic, _comparison, _width, _vector, _count, _division):
        value = rule(name, args)
        if value is not None:
            return value
    raise Unknown(operation)


def _arithmetic(name, args):
    for kind in ('Add', 'Sub', 'Mul', 'And', 'Or', 'Xor'):
        if name.startswith(kind) and name[len(kind):] in WIDTHS:
            return arithmetic(kind, *args, WIDTHS[name[len(kind):]])
    if name in ('OrV128', 'AndV128', 'XorV128'):
        return arithmetic(name[:-4], *args, 128)
    if name[:3] in ('Shl', 'Shr', 'Sar') and name[3:] in WIDTHS:
        return shift(name[:3], *args, WIDTHS[name[3:]])
    if name[:3] == 'Not' and name[3:] in WIDTHS:
        width = WIDTHS[name[3:]]
        return arithmetic('Xor', args[0], (1 << width) - 1, width)
    if name in ('MullU32', 'MullU64', 'MullS32', 'MullS64'):
        half = int(name[5:])
        wide = [operate(f'Iop_{half}{name[4]}to{2 * half}', [x]) for x in args]
        return arithmetic('Mul', *wide, 2 * half)
    return None


def _comparison(name, args):
    base = name[6:] if name[:6] in ('CasCmp', 'ExpCmp') else name[3:] if name[:3] == 'Cmp' else ''
    if base[:2] in ('EQ', 'NE') and base[2:] in WIDTHS:
        return compare(base[:2], *args, WIDTHS[base[2:]])
    if base[:2] in ('LT', 'LE') and base[2:-1] in WIDTHS:
        return compare(base[:2], *args, WIDTHS[base[2:-1]], base[-1])
    return None


def _width(name, args):
    if name in ('1Uto8', '1Uto32', '1Uto64'):
        bits = int(name[4:])
        value = args[0]
        return int(value) if isinstance(value, (bool, int)) else z3.If(value, z3.BitVecVal(1, bits), z3.BitVecVal(0, bits))
    if name in ('64to1', '32to1'):
        value = extract(args[0], 0, 1, int(name[:2]))
        return bool(value) if isinstance(value, int) else value == 1
    sizes = lambda joint: (int(x.replace('V', '')) for x in name.split(joint))
    for sign in 'US':
        if sign + 'to' in name and name[0].isdigit():
            old, new = sizes(sign + 'to')
            if isinstance(args[0], int):
                return (signed(args[0], old) if sign == 'S' else args[0]) & (1 << new) - 1
            return z3.SignExt(new - old, args[0]) if sign == 'S' else z3.ZeroExt(new - old, args[0])
    if 'HIto' in name:
        old, new = sizes('HIto')
        return extract(args[0], new, new, old)
    if 'HLto' in name:
        half = int(name.split('HLto')[0])
        return concat([(args[0], half), (args[1], half)])
    if 'to' in name and name.replace('to', '').replace('V', '').isdigit():
        old, new = sizes('to')
        return extract(args[0], 0, new, old)
    return None


def mask_of(test, ones, bits):
    """All ones where a test holds, else 0."""
    return choose(test, ones, 0, bits)


def _vector(name, args):
    lanes = lambda value, size: [extract(value, at, size, 128) for at in range(0, 128, size)]
    join = lambda values, size: concat([(value, size) for value in reversed(values)])
    if name[:11] in ('InterleaveL', 'InterleaveH'):
        size, count = (int(x) for x in name[12:].split('x'))
        half = slice(0, count // 2) if name[11] == 'O' else slice(count // 2, count)
        pairs = zip(lanes(args[1], size)[half], lanes(args[0], size)[half])
        return join([lane for pair in pairs for lane in pair], size)
    for kind in ('Add', 'Sub'):
        for size, count in ((8, 16), (16, 8), (32, 4), (64, 2)):
            if name == f'{kind}{size}x{count}':
                return join([arithmetic(kind, a, b, size) for a, b in zip(*(lanes(x, size) for x in args))], size)
    if name in ('CmpEQ8x16', 'CmpEQ16x8', 'CmpEQ32x4'):
        size = int(name[5:].split('x')[0])
        ones = (1 << size) - 1
        equal = lambda a, b: mask_of(compare('EQ', a, b, size), ones, size)
        return join([equal(a, b) for a, b in zip(*(lanes(x, size) for x in args))], size)
    if name == 'GetMSBs8x16':
        return concat([(extract(lane, 7, 1, 8), 1) for lane in reversed(lanes(args[0], 8))])
    if name[:4] in ('ShlN', 'ShrN', 'SarN'):
        size = int(name[4:].split('x')[0])
        return join([shift(name[:3], lane, args[1], size) for lane in lanes(args[0], size)], size)
    if name == 'QNarrowBin16Sto8Ux16':
        def narrow(value):
            if isinstance(value, int):
                return min(max(signed(value, 16), 0), 255)
            return z3.If(value < 0, z3.BitVecVal(0, 8), z3.If(value > 255, z3.BitVecVal(255, 8), z3.Extract(7, 0, value)))
        return join([narrow(lane) for lane in lanes(args[1], 16) + lanes(args[0], 16)], 8)
    return None


def _count(name, args):
    if name not in ('Ctz64', 'Ctz32', 'CtzNat64', 'CtzNat32', 'Clz64', 'Clz32', 'ClzNat64', 'ClzNat32'):
        return None
    bits, value = int(name[-2:]), args[0]
    leading = name.startswith('Clz')
    if isinstance(value, int):
        if value == 0:
            return bits
        return bits - value.bit_length() if leading else (value & -value).bit_length() - 1
    result = z3.BitVecVal(bits, bits)
    for k in range(bits) if leading else reversed(range(bits)):
        result = z3.If(z3.Extract(k, k, value) == 1, z3.BitVecVal(bits - 1 - k if leading else k, bits), result)
    return result


def _division(name, args):
    if name not in ('DivModU128to64', 'DivModU64to32'):
        return None
    whole, half = (128, 64) if name[7] == '1' else (64, 32)
    if isinstance(args[0], int) and isinstance(args[1], int):
        quotient, rest = divmod(args[0], args[1])
        return concat([(rest, half), (quotient & (1 << half) - 1, half)])
    x, y = term(args[0], whole), z3.ZeroExt(half, term(args[1], half))
    return z3.Concat(z3.Extract(half - 1, 0, z3.URem(x, y)), z3.Extract(half - 1, 0, z3.UDiv(x, y)))
