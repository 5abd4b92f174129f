"""A file in memory, of any contents and any length: its bytes are named where they are read.

The byte at a place is a free variable, one for each place that is a constant or a term; that two terms can be the same place is
said by `definitions`, as reads of one array. Where the question does not depend on that, it is left out."""
import z3

from .terms import concat

BASE = 1 << 62       # where a file lies; all other memory is far below


class File:
    def __init__(self, name, length):
        self.name, self.length = name, length
        self.array = z3.Array(name, z3.BitVecSort(64), z3.BitVecSort(8))
        self.bytes, self.reads = {}, []   # by place; (variable, place) in the order of reading
        self.rules, self.former = None, set()   # the places that the rule reads; names of what former runs of the code read

    def begin(self):
        """Before a run of the code: what another one read at places that are terms is none of its business."""
        if self.rules is None:
            self.rules = set(self.bytes)
        for key in [key for key in self.bytes if not isinstance(key, int) and key not in self.rules]:
            self.former.add(str(self.bytes.pop(key)))

    def current(self):
        return [(byte, place) for byte, place in self.reads if str(byte) not in self.former] if self.former else self.reads

    def byte(self, place):
        if not isinstance(place, int):
            place = z3.simplify(place)
            if z3.is_bv_value(place):
                place = place.as_long()
        key = place if isinstance(place, int) else ('term', place.get_id())
        if key not in self.bytes:
            label = place if isinstance(place, int) else f'at{len(self.reads)}'
            self.bytes[key] = z3.BitVec(f'{self.name}_{label}', 8)
            self.reads.append((self.bytes[key], place))
        return self.bytes[key]

    def read(self, place, count):
        """A number of `count` bytes, the lowest first."""
        return concat([(self.byte(place + k), 8) for k in reversed(range(count))])

    def definitions(self):
        reads = self.current()
        if all(isinstance(place, int) for _, place in reads):
            return []
        return [byte == z3.Select(self.array, place if not isinstance(place, int) else z3.BitVecVal(place, 64)) for byte, place in reads]

    def consistent(self, model):
        """Whether a model gives equal places the same byte."""
        value = lambda term: term if isinstance(term, int) else model.eval(term, model_completion=True).as_long()
        known = {}
        return all(known.setdefault(value(place), value(byte)) == value(byte) for byte, place in self.current())

    # A file as it is, for the processor.
    def variables(self, contents, values):
        """The values that `values`, pairs of a variable and its value, and the bytes of a file give to what was read."""
        found = {str(variable): (variable, value) for variable, value in values}
        for byte, place in self.reads:
            if not isinstance(place, int):
                place = z3.simplify(z3.substitute(place, *(found[name] for name in _variables(place))))
                place = place.as_long()
            found[str(byte)] = byte, z3.BitVecVal(contents[place] if place < len(contents) else 0, 8)
        return list(found.values())

    def contents(self, value, most, reads=None):
        """The bytes of the file, where `value` gives the value of a term; None where they are more than `most`."""
        length = value(self.length)
        if length > most:
            return None
        data = bytearray(length)
        for byte, place in self.reads if reads is None else reads:
            place = place if isinstance(place, int) else value(place)
            if place < length:
                data[place] = value(byte)
        return bytes(data)


def _variables(term):
    """The names of the variables of a term."""
    found, seen, todo = set(), set(), [term]
    while todo:
        part = todo.pop()
        if part.get_id() not in seen:
            seen.add(part.get_id())
            todo += part.children()
            if z3.is_const(part) and part.decl().kind() == z3.Z3_OP_UNINTERPRETED:
                found.add(str(part))
    return found
