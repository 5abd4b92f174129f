"""The decoder of the compressed stream, as the ELKS kernel runs it: backwards, in place, with 16-bit pointers.

The stream is what exomizer's `raw -P39` writes, read from its end. A pointer wraps at 64 KB, and so do the sums of the
tables: what a damaged stream does is what the kernel does with it."""


class Bad(Exception):
    """The kernel reads outside of its tables here."""


class Hang(Exception):
    """More steps than the limit."""


TABLE_SIZE = 52


def tables_from(bits):
    """The first value of each entry: an entry of n bits stands for 1 << n values."""
    bases, base = [], 0
    for index in range(TABLE_SIZE):
        if index % 16 == 0:
            base = 1
        bases.append(base)
        base = (base + (1 << bits[index])) & 0xFFFF
    return bases


class Input:
    """Bits and bytes of the stream: a byte that is asked for as a whole comes from between those that hold bits."""

    def __init__(self, segment, at, limit):
        self.segment, self.at, self.limit = segment, at & 0xFFFF, limit
        self.steps = 0
        self.buffer = self.byte()

    def step(self):
        self.steps += 1
        if self.steps > self.limit:
            raise Hang

    def byte(self):
        self.step()
        self.at = (self.at - 1) & 0xFFFF
        return self.segment[self.at]

    def bit(self):
        bit = self.buffer >> 7
        self.buffer = (self.buffer << 1) & 0xFF
        if self.buffer == 0:
            # That was the mark after the last bit: the next byte brings its own.
            byte = self.byte()
            bit, self.buffer = byte >> 7, ((byte << 1) | 1) & 0xFF
        return bit

    def bits(self, count):
        """The low three bits of the count as bits, the fourth as a whole byte."""
        value = 0
        for _ in range(count & 7):
            value = (value << 1) | self.bit()
        if count & 8:
            value = ((value << 8) | self.byte()) & 0xFFFF
        return value


def kernel_decompress(segment, size, packed, safety=16, limit=4_000_000):
    """Unpacks in place, in a `bytearray` of 65536 that begins with `packed` bytes of stream. `size`, or 0 for a refusal.
    `safety`: how far above its place the result is made, so that it does not overtake what is still to be read."""
    stream = Input(segment, packed, limit)
    out = (size + safety) & 0xFFFF
    bits = []
    for _ in range(TABLE_SIZE):
        low = stream.bits(3)
        bits.append(low | stream.bits(1) << 3)
    bases = tables_from(bits)
    value = lambda entry: (bases[entry] + stream.bits(bits[entry])) & 0xFFFF
    # The kinds of the steps before, a bit each, 1 for literals: the offset can be that of the last copy only if one
    # literal step came after it.
    history, first, offset = 1, True, 0
    while True:
        literal, length = 1, 1
        if not first and not stream.bit():
            literal, index = 0, 0
            while not stream.bit():
                index = (index + 1) & 0xFFFF
            if index == 16:
                break
            if index == 17:
                literal, length = 1, stream.byte() << 8
                length |= stream.byte()
            elif index >= TABLE_SIZE:
                raise Bad(f"table index {index}")
            else:
                length = value(index)
                if history & 3 != 1 or not stream.bit():
                    start, width = {1: (48, 2), 2: (32, 4)}.get(length, (16, 4))
                    offset = value(start + stream.bits(width))
        first = False
        while True:
            out = (out - 1) & 0xFFFF
            if literal:
                byte = stream.byte()
            else:
                stream.step()
                byte = segment[(out + offset) & 0xFFFF]
            segment[out] = byte
            if (out - stream.at) & 0x8000:
                return 0
            length = (length - 1) & 0xFFFF
            if length == 0:
                break
        history = ((history << 1) | literal) & 0xFF
    if out != safety:
        return 0
    for index in range(size):
        segment[index] = segment[(safety + index) & 0xFFFF]
    return size
