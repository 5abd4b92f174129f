"""One path: registers, memory, what is known of the inputs that take it; and how two paths become one."""
import z3

from .terms import choose, concat, extract, tidy

STACK_TOP, STACK_SIZE = 0x7FFF0000, 16384
RED_ZONE = 128
WITNESSES = 48         # of a path: an input that is known need not be asked for


class Cell:
    """A value of several bytes in memory. Memory maps an address to a cell and the index of the byte in it."""
    __slots__ = 'value', 'size'

    def __init__(self, value, size):
        self.value, self.size = value, size


class State:
    def __init__(self, engine):
        self.engine, self.bits = engine, engine.machine.bits
        self.registers, self.memory = {}, {}
        self.conditions = []   # what holds of the inputs that take this path
        self.witnesses = []    # some models of that
        self.frames, self.iterations = (), {}
        self.pc = self.entry = 0

    def copy(self):
        other = State(self.engine)
        other.registers, other.memory = dict(self.registers), dict(self.memory)
        other.conditions, other.witnesses = list(self.conditions), list(self.witnesses)
        other.frames, other.iterations, other.pc, other.entry = self.frames, self.iterations, self.pc, self.entry
        return other

    def path(self):
        return z3.And(True, True, *self.conditions)

    def place(self):
        """States with the same place become one."""
        return self.pc, self.entry, self.frames, tuple(sorted(self.iterations.items()))

    # Registers: VEX' guest state, in words of the processor.
    def word(self, offset):
        if offset not in self.registers:
            self.registers[offset] = self.engine.free(f'register{offset}', self.bits)
        return self.registers[offset]

    def get(self, offset, bits):
        size = self.bits // 8
        if bits < self.bits or offset % size:
            return extract(self.word(offset // size * size), offset % size * 8, bits, self.bits)
        return concat([(self.word(offset + size * k), self.bits) for k in reversed(range(bits // self.bits))])

    def put(self, offset, value, bits):
        size = self.bits // 8
        if bits >= self.bits:
            for k in range(bits // self.bits):
                self.registers[offset + size * k] = extract(value, self.bits * k, self.bits, bits)
            return
        base, at = offset // size * size, offset % size * 8
        old, above = self.word(base), self.bits - at - bits
        parts = [(extract(old, at + bits, above, self.bits), above)] if above else []
        parts.append((value, bits))
        if at:
            parts.append((extract(old, 0, at, self.bits), at))
        self.registers[base] = concat(parts)

    # Memory, little-endian.
    def byte(self, address):
        found = self.memory.get(address)
        if found is not None:
            return found
        constant = self.engine.program.bytes_at(address, 1)
        return Cell(constant[0] if constant else self.engine.free(f'memory{address:x}', 8), 1), 0

    def peek(self, address, count):
        parts, k = [], 0
        while k < count:
            cell, index = self.byte(address + k)
            run = 1
            while k + run < count and index + run < cell.size:
                following, at = self.byte(address + k + run)
                if following is not cell or at != index + run:
                    break
                run += 1
            parts.append((extract(cell.value, 8 * index, 8 * run, 8 * cell.size), 8 * run))
            k += run
        return concat(parts[::-1])

    def poke(self, address, value, count):
        cell = Cell(value, count)
        for k in range(count):
            self.memory[address + k] = (cell, k)

    def absorb(self, other):
        """Makes the two paths one: where values differ, the conditions of this path decide."""
        common = 0
        for a, b in zip(self.conditions, other.conditions):
            if not a.eq(b):
                break
            common += 1
        rests = self.conditions[common:], other.conditions[common:]
        here, there = (z3.And(*rest) if len(rest) != 1 else rest[0] for rest in rests)
        both = z3.simplify(z3.Or(here, there))
        self.conditions = self.conditions[:common] + ([] if z3.is_true(both) else [both])
        here = self.engine.name_merge(here)
        for offset in set(self.registers) | set(other.registers):
            self.registers[offset] = choose(here, self.word(offset), other.word(offset), self.bits)
        self._forget_below_the_stack(other)
        self._absorb_memory(other, here)
        self.witnesses = self.witnesses[:WITNESSES // 2] + other.witnesses[:WITNESSES // 2]

    def decide(self, ways):
        """Leaves in all values only what comes from the paths that are known to lead here: of each merge, whether its first one."""
        cells = {id(cell): cell for cell, _ in self.memory.values() if not isinstance(cell.value, int)}
        registers = [offset for offset, value in self.registers.items() if not isinstance(value, int)]
        old = [self.registers[offset] for offset in registers] + [cell.value for cell in cells.values()]
        if not old:
            return
        # As one term, so that what they have in common is looked at once.
        together = z3.Function('together', *(value.sort() for value in old), z3.BoolSort())(*old)
        new = z3.substitute(together, *((merge, z3.BoolVal(way)) for merge, way in ways)).children()
        new = [was if value.eq(was) else tidy(value) for was, value in zip(old, new)]
        self.registers |= zip(registers, new)
        changed = {key: Cell(value, cell.size) for (key, cell), value in zip(cells.items(), new[len(registers):]) if value is not cell.value}
        self.memory = {address: (changed.get(id(cell), cell), k) for address, (cell, k) in self.memory.items()}

    def _forget_below_the_stack(self, other):
        pointer = self.engine.machine.stack_pointer
        known = [sp for sp in (self.word(pointer), other.word(pointer)) if isinstance(sp, int)]
        floor = min(known) - RED_ZONE if known else 0
        for memory in (self.memory, other.memory):
            for address in [a for a in memory if STACK_TOP - STACK_SIZE <= a < floor]:
                del memory[address]

    def _absorb_memory(self, other, here):
        done = -1
        for address in sorted(set(self.memory) | set(other.memory)):
            if address < done:
                continue
            (mine, at), (theirs, there) = self.byte(address), other.byte(address)
            if mine is theirs and at == there:
                continue
            sizes = [cell.size for cell, index in ((mine, at), (theirs, there)) if index == 0]
            widest = max(sizes, default=1)
            size = next((n for n in (16, 8, 4, 2) if n <= widest), 1)
            old = self.peek(address, size)
            value = choose(here, old, other.peek(address, size), 8 * size)
            if value is not old or not isinstance(old, int):
                self.poke(address, value, size)
            done = address + size
