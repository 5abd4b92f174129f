"""Answers questions with the models in the directory given: one a line on stdin, one answer a line on stdout.

  E hex             a section -> its compressed bytes
  L hex arguments   a file and the size of its argument block -> an errno, or the layout and the loaded bytes
  F seed            a number -> options, an ELF file of mkelf, and the a.out that the specification asks for
"""
import random
import struct
import sys

sys.path.insert(0, sys.argv[1])
import elks_load
import exoenc
import mkelf

# A stream that wanders through all of memory tests nothing that a short one does not.
STEPS = 200_000


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
    answer = elks_load.load(file, arguments, limit=STEPS)
    if isinstance(answer, str):
        return answer
    numbers = " ".join(str(answer[name]) for name in NUMBERS)
    contents = " ".join(answer[name].hex() or "-" for name in ("text", "ftext", "data"))
    return f"{'outside' if outside(file, answer) else 'ok'} {numbers} {contents}"


SEGMENTS = {".text": 0xFFFE, ".fartext": 0xFFFB, ".data": 0xFFFD}


def linked(seed):
    """A random program, as an ELF file and as the a.out that it is to become."""
    rng = random.Random(seed)
    tiny = rng.random() < 0.2
    far = not tiny and rng.random() < 0.5
    rom = rng.random() < 0.2
    size = lambda least: rng.randrange(least, 60)
    paragraphs = lambda n: (n + 15) & ~15
    text = bytearray(rng.randbytes(paragraphs(size(2)) if rom else size(2)))
    ftext = bytearray(rng.randbytes(size(2))) if far else None
    data = bytearray(rng.randbytes(size(2))) if rng.random() < 0.9 else None
    bss = size(0) if rng.random() < 0.7 else None
    gap = rng.randrange(0, 9) if data is not None and bss is not None else 0
    at = {".text": 0 if tiny else rng.choice([0, 0x10000, 0x20])}
    at[".fartext"] = 0x20000
    at[".data"] = at[".text"] + len(text) if tiny else 0x30000
    contents = {".text": text, ".fartext": ftext, ".data": data}
    present = [name for name in contents if contents[name] is not None]
    # Tiny programs have no segments but one to refer to.
    targets = [name for name in present if at[name] % 16 == 0 and not (tiny and name == ".data")]
    entry = at[".text"] + rng.randrange(len(text))
    relocs, used = [], set()
    for _ in range(rng.randrange(0, 6)):
        place = rng.choice(present)
        offset = rng.randrange(0, len(contents[place]) - 1)
        if not used & {(place, offset - 1), (place, offset), (place, offset + 1)}:
            used.add((place, offset))
            relocs.append((place, offset, rng.choice(targets)))
    syms, wanted = [], []
    letters = {".text": "Tt", ".fartext": "Ff", ".data": "Dd"}
    for number in range(rng.randrange(0, 8)):
        place = rng.choice(present)
        offset, upper = rng.randrange(len(contents[place])), rng.random() < 0.5
        letter, name = letters[place][0 if upper else 1], f"s{number}" + rng.choice(["", "!", "&x", "_long_name"])
        syms.append((name, letter, at[place] + offset))
        base = at[".text"] if tiny else at[place]
        if "!" not in name and "&" not in name:
            key = letter.replace("F", "T").replace("f", "t")
            wanted.append((at[place] + offset, key, name, letter, at[place] + offset - base, place))
    elf = mkelf.mk(bytes(text), None if ftext is None else bytes(ftext), None if data is None else bytes(data), bss,
                   entry=entry, relocs=relocs, tva=at[".text"], fva=at[".fartext"], dva=at[".data"],
                   bva=None if bss is None else at[".data"] + (len(data) + gap if data is not None else 0),
                   syms=[(name, letter, value) for name, letter, value in syms])
    table, was_text = b"", False
    for _, _, name, letter, offset, place in sorted(wanted):
        if place == ".data" and was_text:
            table += b"d\0\0\5.data"
        was_text = place != ".data"
        table += struct.pack("<BHB", ord(letter), offset, len(name)) + name.encode()
    table += b"\0"
    symtab = rng.random() < 0.5
    dseg, bseg = len(data or b""), (bss or 0) + gap
    taken = dseg + bseg + (len(text) if tiny else 0)
    memory = rng.choice(["none", "total", "chmem", "heap"])
    first, second = rng.randrange(taken + 1, 30000), rng.randrange(1, 5000)
    version, chmem, minstack = {
        "none": (0 if tiny else 1, 0, 0), "total": (0, first, 0), "chmem": (0, taken + second, 0),
        "heap": (1, first, second)}[memory]
    aout_seg, data_seg = rng.randrange(0x100, 0xF000), rng.randrange(0x100, 0xF000)
    values = {".text": aout_seg + 2, ".fartext": aout_seg + 2 + len(text) // 16, ".data": data_seg}
    lists = {name: b"" for name in SEGMENTS}
    for place, offset, target in relocs:
        # What the linker leaves in the file is the paragraph of the target.
        struct.pack_into("<H", contents[place], offset, values[target] if rom else at[target] >> 4)
        if not rom:
            lists[place] += struct.pack("<IHH", offset, SEGMENTS[target], 80)
    tseg, ftseg = len(text), len(ftext or b"")
    if rom:
        tseg, ftseg = tseg + ftseg, 0
    hlen = 0x40 if ftseg or lists[".fartext"] else 0x30 if lists[".text"] or lists[".data"] else 0x20
    header = struct.pack("<IBBHIIIIHHI", 0x04100301 if tiny else 0x04300301, hlen, 0, version, tseg, dseg, bseg,
                         entry - at[".text"], chmem, minstack, len(table) if symtab else 0)
    header += struct.pack("<6I4H", len(lists[".text"]), len(lists[".data"]), 0, 0, ftseg, len(lists[".fartext"]),
                          0, 0, 0, 0)
    aout = header[:hlen] + bytes(text) + bytes(ftext or b"") + bytes(data or b"")
    aout += lists[".text"] + lists[".fartext"] + lists[".data"] + (table if symtab else b"")
    options = [tiny, aout_seg if rom else 0, data_seg if rom else 0, memory, first, second, symtab]
    return " ".join(str(int(o) if isinstance(o, bool) else o) for o in options) + f" {elf.hex()} {aout.hex()}"


for line in sys.stdin:
    command, *rest = line.rstrip("\n").split(" ", 1)
    rest = rest[0] if rest else ""
    if command == "E":
        print(exoenc.encode(bytes.fromhex(rest)).hex())
    elif command == "F":
        print(linked(int(rest)))
    else:
        text, arguments = rest.split(" ")
        print(load(bytes.fromhex(text), int(arguments)))
