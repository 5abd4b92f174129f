"""Writes ELF files as ia16-elf-ld (gold, with segelf's relocations) hands them to elf2elks. The same input, the same bytes."""
import struct

SHF_WRITE, SHF_ALLOC, SHF_EXECINSTR = 1, 2, 4
PROGBITS, SYMTAB, STRTAB, NOBITS, REL = 1, 2, 3, 8, 9
R_386_OZSEG16 = 48
ORDER = (".text", ".fartext", ".data", ".bss")
OF_LETTER = {"t": ".text", "f": ".fartext", "d": ".data", "b": ".bss"}


def align(value, to):
    return (value + to - 1) & ~(to - 1)


def addresses(contents, bss, given):
    """Where each section is: where it was asked for, or at the next paragraph; bss right after data."""
    at, place = 0, {}
    for name, section in contents.items():
        place[name] = at if given[name] is None else given[name]
        at = align(place[name] + len(section), 16) if name != ".data" else place[name] + len(section)
    if bss is not None:
        place[".bss"] = at if given[".bss"] is None else given[".bss"]
    return place


def symbol_tables(syms, numbers):
    """.symtab and .strtab of (name, letter, value), local symbols first; a small letter is a local symbol."""
    local = [sym for sym in syms if sym[1].islower()]
    names, table = b"\0", bytes(16)
    for name, letter, value in local + [sym for sym in syms if not sym[1].islower()]:
        section = OF_LETTER[letter.lower()]
        info = (0 if letter.islower() else 1) << 4 | (2 if section.endswith("text") else 1)
        table += struct.pack("<IIIBBH", len(names), value, 0, info, 0, numbers[section])
        names += name.encode() + b"\0"
    return (".symtab", SYMTAB, 0, 0, table, len(table), len(local) + 1, 16, 4), (
        ".strtab", STRTAB, 0, 0, names, len(names), 0, 0, 1)


def mk(text=b"", ftext=None, data=None, bss=None, entry=0, relocs=(), tva=0, fva=None, dva=None, bva=None, syms=()):
    """`relocs`: (section, offset, target section); the word there becomes the paragraph of the target, as the linker leaves
    it. `tva` and so on: the sections' addresses. `syms`: (name, letter as nm has it, value)."""
    contents = {".text": text, ".fartext": ftext, ".data": data}
    contents = {name: bytearray(section) for name, section in contents.items() if section is not None}
    place = addresses(contents, bss, {".text": tva, ".fartext": fva, ".data": dva, ".bss": bva})
    relocations = b""
    for section, offset, target in relocs:
        struct.pack_into("<H", contents[section], offset, place[target] >> 4)
        relocations += struct.pack("<II", place[section] + offset, R_386_OZSEG16)
    # Name, type, flags, address, bytes, size, info, size of an entry, alignment.
    sections = []
    for name in ORDER:
        if name in contents:
            flags = SHF_ALLOC | (SHF_EXECINSTR if "text" in name else SHF_WRITE)
            section = bytes(contents[name])
            sections.append((name, PROGBITS, flags, place[name], section, len(section), 0, 0, 16))
        elif name == ".bss" and bss is not None:
            sections.append((name, NOBITS, SHF_ALLOC | SHF_WRITE, place[name], b"", bss, 0, 0, 16))
    if relocations:
        sections.append((".rel.dyn", REL, 0, 0, relocations, len(relocations), 0, 8, 4))
    if syms:
        sections += symbol_tables(syms, {section[0]: number + 1 for number, section in enumerate(sections)})
    return elf(sections, entry)


def elf(sections, entry):
    names, starts = b"\0", []
    for name in [section[0] for section in sections] + [".shstrtab"]:
        starts.append(len(names))
        names += name.encode() + b"\0"
    sections = sections + [(".shstrtab", STRTAB, 0, 0, names, len(names), 0, 0, 1)]
    body, table = b"", bytes(40)
    for number, (name, kind, flags, address, contents, size, info, entry_size, alignment) in enumerate(sections):
        body += bytes(-len(body) % 4)
        link = number + 2 if name == ".symtab" else 0
        table += struct.pack("<10I", starts[number], kind, flags, address, 52 + len(body), size, link, info, alignment,
                             entry_size)
        body += contents
    body += bytes(-len(body) % 4)
    ident = b"\x7fELF" + bytes([1, 1, 1]) + bytes(9)
    count = len(sections) + 1
    header = struct.pack("<HHIIIIIHHHHHH", 2, 3, 1, entry, 0, 52 + len(body), 0, 52, 0, 0, 40, count, count - 1)
    return ident + header + body + table
