"""Runs the model of the kernel's decoder over requests, one a line: SIZE SAFETY WATCH HEX. Answers `ok HEX`, `refused`,
or, where WATCH is 1, `outside` if the kernel would read bytes that it has not written, or beyond the compressed ones."""
import sys

sys.path.insert(0, sys.argv[1])
from exo import Bad, Hang, kernel_decompress


class Outside(Exception):
    pass


class Watched(bytearray):
    """A segment that knows which bytes are input and which are output."""

    def watch(self, packed, top):
        self.packed, self.top, self.low = packed, top, top

    def __getitem__(self, at):
        if not isinstance(at, slice):
            reads_input = sys._getframe(1).f_code.co_name == "byte"
            if not (at < self.packed if reads_input else self.low <= at < self.top):
                raise Outside
        return bytearray.__getitem__(self, at)

    def __setitem__(self, at, byte):
        if not isinstance(at, slice):
            self.low = min(self.low, at)
        bytearray.__setitem__(self, at, byte)


def run(segment, packed, size, safety):
    segment[: len(packed)] = packed
    return kernel_decompress(segment, size, len(packed), safety) == size


# What surrounds the section: a reader that leaves the input soon meets a length index beyond all tables. Anything else
# lets the model wander around the segment until its limit.
FILL = (bytes(15) + b"\x01") * 4096


def answer(size, safety, watch, packed):
    segment = Watched(FILL) if watch else bytearray(FILL)
    if watch:
        segment.watch(len(packed), size + safety)
    try:
        return "ok " + segment[:size].hex() if run(segment, packed, size, safety) else "refused"
    except Outside:
        return "outside"
    except (Bad, Hang):
        return "refused"


for line in sys.stdin:
    size, safety, watch, packed = line.split(" ")
    print(answer(int(size), int(safety), watch == "1", bytes.fromhex(packed)))
