"""NOFF: the header, which layout it has, what a page of memory holds; writers of NOFF and of MIPS COFF.

From the definition of the format in noff.h of Nachos 3.4 and 4.0, and from what their kernels and coff2noff do."""
import struct

MAGIC = 0x00BADFAD
NAMES = {
    3: ("code", "initData", "uninitData"),
    4: ("code", "initData", "readonlyData", "uninitData"),
}


class Bad(Exception):
    pass


def header_at(file, layout, order):
    length = 4 + 12 * layout
    if len(file) < length:
        raise Bad("short")
    words = struct.unpack_from(f"{order}{length // 4}I", file)
    return {name: tuple(words[1 + 3 * k : 4 + 3 * k]) for k, name in enumerate(NAMES[layout])}


def parse(file, layout=None):
    """(layout, byte order, {name: (virtualAddr, inFileAddr, size)}). A layout of 3 or 4 is taken as given; otherwise it
    is the one whose header ends where the first segment begins."""
    if len(file) < 4:
        raise Bad("short")
    for order in "<>":
        if struct.unpack_from(order + "I", file)[0] == MAGIC:
            break
    else:
        raise Bad("magic")
    if layout:
        return layout, order, header_at(file, layout, order)
    fitting = []
    for candidate in NAMES:
        try:
            header = header_at(file, candidate, order)
        except Bad:
            continue
        starts = [at for name, (_, at, size) in header.items() if name != "uninitData" and size]
        if starts and min(starts) == 4 + 12 * candidate:
            fitting.append((candidate, order, header))
    if len(fitting) != 1:
        raise Bad(f"{len(fitting)} layouts fit")
    return fitting[0]


def end(header):
    """The first address past the program."""
    return max([address + size for address, _, size in header.values() if size] + [0])


def page(file, header, number, size=128):
    """The bytes of one page as the kernel loads them."""
    frame = bytearray(size)
    low = number * size
    for name, (address, at, length) in header.items():
        if name == "uninitData" or not length:
            continue
        first, last = max(address, low), min(address + length, low + size)
        if first < last:
            frame[first - low : last - low] = file[at + first - address : at + last - address]
    return bytes(frame)


def build(layout, segments, order="<"):
    """A file of segments {name: (virtualAddr, bytes)}, and of uninitData (virtualAddr, size), in coff2noff's order."""
    at, places, body = 4 + 12 * layout, {}, b""
    for name in ("code", "readonlyData", "initData"):
        if name in segments:
            contents = segments[name][1]
            places[name] = at
            body += contents
            at += len(contents)
    words = [MAGIC]
    for name in NAMES[layout]:
        if name == "uninitData" and name in segments:
            words += [segments[name][0], 0, segments[name][1]]
        elif name in segments and segments[name][1]:
            words += [segments[name][0], places[name], len(segments[name][1])]
        else:
            words += [0, 0, 0]
    return struct.pack(f"{order}{len(words)}I", *words) + body


def mkcoff(sections, entry=0, magic=0x162, omagic=0o407):
    """A little-endian MIPS COFF file of sections (name, address, bytes, or a size for one of zeros)."""
    at = 76 + 40 * len(sections)
    headers, body = b"", b""
    for name, address, contents in sections:
        zeros = isinstance(contents, int)
        size = contents if zeros else len(contents)
        place = 0 if zeros or not size else at + len(body)
        headers += struct.pack("<8s6IHHI", name.encode(), address, address, size, place, 0, 0, 0, 0, 0)
        if not zeros:
            body += contents
    file_header = struct.pack("<HHIIIHH", magic, len(sections), 0, 0, 0, 56, 0)
    optional = struct.pack("<HH13I", omagic, 0, 0, 0, 0, entry, *[0] * 9)
    return file_header + optional + headers + body
