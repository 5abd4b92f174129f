"""An encoder of the compressed stream: fixed tables, greedy. It shows that what `exo.py` reads can be written."""
from exo import tables_from

LENGTHS = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 5, 7, 9, 11, 14]
OFFSETS = [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]
BITS = LENGTHS + OFFSETS + OFFSETS + [4, 5, 6, 7]
BASES = tables_from(BITS)
LONGEST = BASES[15] + (1 << BITS[15]) - 1
TRIES = 40


def entry(value, first):
    """Where a value stands in the 16 entries from `first` on: (entry, number of bits, bits). None if it does not."""
    for index in range(first, first + 16):
        if BASES[index] <= value < BASES[index] + (1 << BITS[index]):
            return index - first, BITS[index], value - BASES[index]
    return None


class Output:
    """What is to be written, in the order in which the decoder asks for it."""

    def __init__(self):
        self.items = []  # (True, byte) or (False, bit)

    def byte(self, value):
        self.items.append((True, value))

    def bits(self, count, value):
        for place in range(count - 1, -1, -1):
            self.items.append((False, value >> place & 1))

    def field(self, count, value):
        """As `Input.bits` reads it: up to seven bits, and a whole byte for the other eight."""
        if count & 8:
            self.bits(count & 7, value >> 8)
            self.byte(value & 0xFF)
        else:
            self.bits(count, value)

    def index(self, value):
        self.bits(1, 0)
        self.bits(value, 0)
        self.bits(1, 1)

    def packed(self):
        """The bytes, last first. The first byte that holds bits is the one that may have room: what is left of it is the
        mark and zeros."""
        count = sum(1 for whole, _ in self.items if not whole)
        room = count % 8
        packed, place, held = [None], 0, []

        def close():
            bits = held + ([1] + [0] * (7 - count % 8) if place == 0 else [])
            packed[place] = int("".join(map(str, bits)), 2)

        for whole, value in self.items:
            if whole:
                packed.append(value)
                continue
            if room == 0:
                close()
                packed.append(None)
                place, held, room = len(packed) - 1, [], 8
            held.append(value)
            room -= 1
        close()
        return bytes(reversed(packed))


def encode(data):
    """The stream of these bytes, of which there is at least one."""
    output = Output()
    for bits in BITS:
        output.bits(3, bits & 7)
        output.bits(1, bits >> 3)
    history, last_offset, first = 1, 0, True
    literals, seen = [], {}

    def write_literals():
        nonlocal history, first
        run = literals[:]
        literals.clear()
        if first:
            output.byte(run.pop(0))
            first, history = False, history << 1 | 1
        if len(run) >= 6:
            output.index(17)
            output.byte(len(run) >> 8)
            output.byte(len(run) & 0xFF)
            for byte in run:
                output.byte(byte)
            history = history << 1 | 1
        else:
            for byte in run:
                output.bits(1, 1)
                output.byte(byte)
                history = history << 1 | 1

    def longest_match(end):
        """(length, offset) of the bytes before `end` that stand in what was written already, data[end:]."""
        best = (0, 0)
        for other in seen.get(bytes(data[max(0, end - 3) : end]), [])[-TRIES:]:
            offset, length = other - end, 0
            while length < min(end, LONGEST) and data[end - 1 - length] == data[end - 1 - length + offset]:
                length += 1
            if length > best[0] and entry(offset, 16):
                best = (length, offset)
        return best

    end = len(data)
    while end > 0:
        length, offset = longest_match(end) if literals or not first else (0, 0)
        if length >= 3:
            if literals:
                write_literals()
            index, count, value = entry(length, 0)
            output.index(index)
            output.field(count, value)
            again = False
            if history & 3 == 1:
                again = offset == last_offset
                output.bits(1, int(again))
            if not again:
                index, count, value = entry(offset, 16)
                output.bits(4, index)
                output.field(count, value)
            last_offset, history = offset, history << 1
        else:
            length = 1
            literals.append(data[end - 1])
        for place in range(end, end - length, -1):
            seen.setdefault(bytes(data[max(0, place - 3) : place]), []).append(place)
        end -= length
    if literals:
        write_literals()
    output.index(16)
    return output.packed()
