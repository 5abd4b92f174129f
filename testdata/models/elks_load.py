"""The ELKS kernel's loader of a.out programs (fs/exec.c, August 2026) with medium model and compression configured.

`load` answers with the name of an errno, or with a dictionary of what execve sets up. Memory is the megabyte of a PC: what the
kernel does not check, such as where a relocation or an unpacked section ends, is done here as the kernel does it."""
import struct
from exo import Bad, Hang, kernel_decompress

E2BIG, ENOEXEC, EINVAL, EFBIG = "E2BIG", "ENOEXEC", "EINVAL", "EFBIG"
TYPES = (0x04300301, 0x04200301)
INIT_STACK = INIT_HEAP = 4096
R_SEGWORD = 80
S_TEXT, S_DATA, S_FTEXT = 0xFFFE, 0xFFFD, 0xFFFB


class Fail(Exception):
    """An errno. A read that was short is ENOEXEC: the kernel answers with the number of bytes that it got, and takes what is
    not negative for that error. From 32,768 bytes on the number is negative in 16 bits, but no errno either."""


def paragraphs(size):
    return ((size & 0xFFFF) + 15) >> 4


class File:
    def __init__(self, contents):
        self.contents, self.at = contents, 0

    def read(self, size):
        size &= 0xFFFF
        got = self.contents[self.at : self.at + size]
        self.at += len(got)
        if len(got) != size:
            raise Fail(ENOEXEC)
        return got


class Memory:
    def __init__(self, fill):
        self.bytes = bytearray([fill]) * (1 << 20)

    def put(self, segment, contents):
        self.bytes[segment << 4 : (segment << 4) + len(contents)] = contents

    def put_word(self, segment, offset, word):
        for place, byte in enumerate((word & 0xFF, word >> 8)):
            self.bytes[((segment << 4) + ((offset + place) & 0xFFFF)) & 0xFFFFF] = byte

    def get(self, segment, size):
        return bytes(self.bytes[segment << 4 : (segment << 4) + size])

    def clear(self, segment, offset, size):
        at = (segment << 4) + offset
        self.bytes[at : at + size] = bytes(size)

    def unpack(self, segment, size, packed, limit):
        window = bytearray(self.get(segment, 0x10000))
        try:
            unpacked = kernel_decompress(window, size, packed, limit=limit)
        except Bad:
            unpacked = 0
        self.put(segment, window)
        if unpacked != size:
            raise Fail(ENOEXEC)


def data_length(version, least, chmem, minstack, arguments):
    """The length of the data segment before it is rounded up, and the stack that was reserved."""

    def fits(length, errno):
        if length > 0xFFFF:
            raise Fail(errno)
        return length

    if version == 1:
        stack, heap = minstack or INIT_STACK, chmem or INIT_HEAP
        length = fits(fits(least + stack, EFBIG) + arguments, E2BIG)
        return (max(length, 0xFFF0) if heap >= 0xFFF0 else fits(length + heap, EFBIG)), stack
    if chmem:
        if chmem <= least:
            raise Fail(EINVAL)
        if chmem - least < arguments:
            raise Fail(E2BIG)
        return chmem, 0
    return fits(fits(least + INIT_STACK + INIT_HEAP, EFBIG) + arguments, E2BIG), INIT_STACK


def load(file, arguments, cs=0x1000, ds=0x5000, fill=0xCC, limit=4_000_000):
    """`arguments`: bytes of the argument block. `cs`, `ds`: where the segments are. `fill`: what memory held. `limit`: the
    steps of a decompression after which the answer is HANG."""
    try:
        return execve(file, arguments, cs, ds, Memory(fill), limit)
    except Fail as failure:
        return failure.args[0]
    except Hang:
        return "HANG"


def execve(contents, arguments, cs, ds, memory, limit):
    file = File(contents)
    if contents[:2] != b"\x01\x03":
        raise Fail(ENOEXEC)
    header = struct.unpack("<IBBHIIIIHHI", file.read(32))
    kind, hlen, _, version, tseg, dseg, bseg, entry, chmem, minstack, _ = header
    tseg, dseg, bseg = tseg & 0xFFFF, dseg & 0xFFFF, bseg & 0xFFFF
    if kind not in TYPES or tseg == 0:
        raise Fail(ENOEXEC)
    least = dseg + bseg
    if least > 0xFFFF:
        raise Fail(EINVAL)
    if hlen not in (0x20, 0x30, 0x40):
        raise Fail(ENOEXEC)
    supplement = file.read(hlen - 32)
    supplement += bytes(32 - len(supplement))
    trsize, drsize, tbase, dbase, ftseg, ftrsize, packed_text, packed_data, packed_far, _ = struct.unpack(
        "<6I4H", supplement
    )
    # The base of the data is a segment number to the kernel, 16 bits.
    if tbase != 0 or dbase & 0xFFFF:
        raise Fail(EINVAL)
    if version > 1:
        # What the error variable holds at that point.
        raise Fail(ENOEXEC if hlen == 0x20 else EINVAL)
    length, stack = data_length(version, least, chmem, minstack, arguments)
    if length + 15 > 0xFFFF:
        raise Fail(E2BIG)
    length = (length + 15) & ~15
    ftseg &= 0xFFFF
    far = (cs + paragraphs(tseg)) & 0xFFFF

    def section(segment, size, packed):
        memory.put(segment, file.read(packed or size))
        if packed:
            memory.unpack(segment, size, packed, limit)

    section(cs, tseg, packed_text)
    if ftseg:
        section(far, ftseg, packed_far)
    section(ds, dseg, packed_data)
    for segment, size in ((cs, trsize), (far, ftrsize), (ds, drsize)):
        relocate(file, memory, segment, size, {S_TEXT: cs, S_FTEXT: far, S_DATA: ds})
    memory.clear(ds, dseg, bseg)
    return {
        "text_paras": paragraphs(tseg) + (1 if packed_text or packed_far else 0) + paragraphs(ftseg),
        "data_len": length,
        "minstack": stack,
        "t_enddata": least,
        "t_endseg": length,
        "begstack": (length - arguments) & 0xFFFE,
        "endbrk": (least + 1) & 0xFFFE,
        "entry": entry & 0xFFFF,
        "text": memory.get(cs, tseg),
        "ftext": memory.get(far, ftseg),
        "data": memory.get(ds, dseg),
        "bss": bseg,
    }


def relocate(file, memory, segment, size, targets):
    if size % 8:
        raise Fail(EINVAL)
    for _ in range(size // 8):
        try:
            address, symbol, kind = struct.unpack("<IHH", file.read(8))
        except Fail:
            raise Fail(EINVAL) from None
        if kind != R_SEGWORD or symbol not in targets:
            raise Fail(EINVAL)
        memory.put_word(segment, address, targets[symbol])
