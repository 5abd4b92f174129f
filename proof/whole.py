"""Whole numbers, for writing a rule down as people do: unsigned, of 64 bits, far from where they would wrap.

The fields of these formats have at most 32 bits, and the rules add, subtract after a comparison, multiply by a page size of at
most 2**16 and divide by powers of two."""
import z3

BITS = 64


class Whole:
    __slots__ = 'term',

    def __init__(self, value):
        if isinstance(value, Whole):
            value = value.term
        elif isinstance(value, int):
            value = z3.BitVecVal(value, BITS)
        elif value.size() < BITS:
            value = z3.ZeroExt(BITS - value.size(), value)
        self.term = value

    def _with(self, other, operation):
        return Whole(operation(self.term, Whole(other).term))

    def _test(self, other, operation):
        return operation(self.term, Whole(other).term)

    def __add__(self, other): return self._with(other, lambda a, b: a + b)
    def __sub__(self, other): return self._with(other, lambda a, b: a - b)
    def __mul__(self, other): return self._with(other, lambda a, b: a * b)
    def __and__(self, other): return self._with(other, lambda a, b: a & b)
    def __floordiv__(self, other): return self._with(other, z3.UDiv)
    def __mod__(self, other): return self._with(other, z3.URem)
    def __lt__(self, other): return self._test(other, z3.ULT)
    def __le__(self, other): return self._test(other, z3.ULE)
    def __gt__(self, other): return self._test(other, z3.UGT)
    def __ge__(self, other): return self._test(other, z3.UGE)
    def __eq__(self, other): return self._test(other, lambda a, b: a == b)
    def __ne__(self, other): return self._test(other, lambda a, b: a != b)
    __radd__, __rmul__, __hash__ = __add__, __mul__, None

    def __rsub__(self, other):
        return Whole(other) - self


def pick(test, yes, no):
    return Whole(z3.If(test, Whole(yes).term, Whole(no).term))


def larger(a, b):
    return pick(Whole(a) > b, a, b)


def smaller(a, b):
    return pick(Whole(a) < b, a, b)


def rounded_up(value, size):
    """To a multiple of a power of two that is a Python integer."""
    return (value + (size - 1)) // size * size


def little(cells, at, count):
    """The number that `count` of a list of bytes make, the lowest first."""
    return Whole(z3.Concat(*reversed(cells[at:at + count])) if count > 1 else cells[at])


def big(cells, at, count):
    return Whole(z3.Concat(*cells[at:at + count]) if count > 1 else cells[at])
