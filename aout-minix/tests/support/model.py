"""Answers questions with the models in the directory given: one a line on stdin, one answer a line on stdout.

  E hex             a section -> its compressed bytes
  L hex arguments   a file and the size of its argument block -> an errno, or the layout and the loaded bytes
  F python          an ELF file, as arguments of mkelf.mk -> its bytes
"""
import struct
import sys

sys.path.insert(0, sys.argv[1])
import elks_load
import exoenc
import mkelf


class Fail(Exception):
    """A short read stands for ENOEXEC, whatever its low 16 bits look like (specification, section 2, rule 7)."""

    def __init__(self, value):
        super().__init__()
        self.rv = value if value < 0 else -8


elks_load.Fail = Fail
kernel_decompress = elks_load.kernel_decompress
# A stream that wanders through all of memory tells nothing that a short one does not.
elks_load.kernel_decompress = lambda seg, size, stored: kernel_decompress(seg, size, stored, limit=200_000)


def outside(file, answer):
    """Whether the kernel wrote outside of the program's two segments: it does not check, and a library must."""
    _, hlen, _, _, tseg, dseg = struct.unpack("<IBBHII", file[:16])
    if hlen == 0x20:
        return False
    supplement = file[32:hlen] + bytes(0x40 - hlen)
    trsize, drsize, _, _, ftseg, ftrsize, text, data, far = struct.unpack("<6I3H", supplement[:30])
    tseg, dseg, ftseg = tseg & 0xFFFF, dseg & 0xFFFF, ftseg & 0xFFFF
    area = answer["text_paras"] * 16
    far_area = area - (tseg + 15) // 16 * 16
    if text > area or (ftseg and far > far_area) or data > answer["data_len"]:
        return True
    at = hlen + (text or tseg) + ((far or ftseg) if ftseg else 0) + (data or dseg)
    for size, room in ((trsize, area), (ftrsize, far_area), (drsize, answer["data_len"])):
        for _ in range(size // 8):
            place = struct.unpack_from("<I", file, at)[0] & 0xFFFF
            if place >= room or (place + 1) & 0xFFFF >= room:
                return True
            at += 8
    return False


NUMBERS = "text_paras data_len minstack t_enddata t_endseg begstack endbrk entry".split()


def load(file, arguments):
    answer = elks_load.load(file, arguments)
    if isinstance(answer, str):
        return answer
    numbers = " ".join(str(answer[name]) for name in NUMBERS)
    contents = " ".join(answer[name].hex() or "-" for name in ("text", "ftext", "data"))
    return f"{'outside' if outside(file, answer) else 'ok'} {numbers} {contents}"


for line in sys.stdin:
    command, *rest = line.rstrip("\n").split(" ", 1)
    rest = rest[0] if rest else ""
    if command == "E":
        print(exoenc.encode(bytes.fromhex(rest)).hex())
    elif command == "F":
        print(eval("mkelf.mk(" + rest + ")", {"mkelf": mkelf, "bytes": bytes, "range": range}).hex())
    else:
        text, arguments = rest.split(" ")
        print(load(bytes.fromhex(text), int(arguments)))
