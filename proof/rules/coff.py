"""MIPS COFF: a section of any number, of a file in either byte order; and execfmt_coff_check for Nachos 5.0j: which files its
loader takes, by the headers and the walk along the section table.

That loader reads little-endian numbers, takes 2 to 10 sections, each at the page after the one before, and counts 8 pages of
stack and one of arguments."""
import z3

from claims import E_ARGUMENT, Rule, read_options
from whole import Whole, pick, rounded_up

END = 7
TRUNCATED, MAGIC, OVERFLOW, PAST_EOF, BIG_ENDIAN = 700, 701, 702, 703, 720
LENGTH, SECTIONS, FLAGS, RELOCATIONS, SECTION_FLAGS, UNALIGNED, NEGATIVE, FRAGMENTED = range(725, 733)
PAGES = 734
NACHOS_5J = 3
PAGE, STACK_AND_ARGUMENTS, FRAMES = 1024, 9, 64
FEWEST, MOST = 2, 10
TEXT, DATA, BSS, CONSTANTS = 0x20, 0x40, 0x80, 0x100
HEADER, SECTION = 20, 40


def prove_5j(proof, sections):
    """For files of at most so many sections, and of more than the loader takes."""
    file = proof.file()
    options = proof.struct('execfmt_coff_options', 'options')
    proof.constant(0)   # no function to report to
    proof.constant(0)
    proof.assumed.append(options['loader'] == NACHOS_5J)
    rule = Rule()
    read_options(proof, rule, options)
    rule.refuse(E_ARGUMENT, options['scan_code'] > 1)
    frames = pick(options['frames'] == 0, FRAMES, options['frames'])
    count = section_rule(rule, file, frames, sections)
    proof.assumed.append(z3.Or(count <= sections, count > MOST))
    proof.prove(rule, {})
    proof.sample(rule, lambda random: inputs(random, sections), samples=40)


class Header:
    """What a reader takes from the file header."""

    def __init__(self, rule, file):
        self.file, number, length = file, file.number, file.length
        rule.refuse(TRUNCATED, length < 2)
        self.big = number(0, 2) == 0x6001
        rule.refuse(MAGIC, z3.And(number(0, 2) != 0x0162, z3.Not(self.big)))
        rule.refuse(TRUNCATED, length < HEADER)
        self.count, self.flags = self.word(2), self.word(18)
        self.table = self.word(16) + HEADER
        rule.refuse(TRUNCATED, self.table + self.count * SECTION > length)

    def word(self, at, size=2):
        """A number in the file's byte order."""
        reverse = Whole(0)
        for k in range(size):
            reverse = reverse * 256 + self.file.number(at + k, 1)
        return pick(self.big, reverse, self.file.number(at, size))


def section_rule(rule, file, frames, most):
    header, number, length = Header(rule, file), file.number, file.length
    count = header.count
    rule.refuse(BIG_ENDIAN, header.big)
    rule.refuse(LENGTH, length < 48)
    rule.refuse(SECTIONS, z3.Or(count < FEWEST, count > MOST))
    rule.refuse(FLAGS, header.flags % 4 != 3)
    next_page = Whole(0)
    for k in range(most):
        there = count > k
        at = lambda offset, size: number(header.table + SECTION * k + offset, size)
        refuse = lambda status, when: rule.refuse(status, z3.And(there, when))
        address, size, place, flags = at(12, 4), at(16, 4), at(20, 4), at(36, 4)
        kind = flags % 0x1000
        refuse(RELOCATIONS, at(32, 2) != 0)
        refuse(SECTION_FLAGS, z3.And(*(kind != known for known in (TEXT, DATA, BSS, CONSTANTS))))
        refuse(UNALIGNED, address % PAGE != 0)
        refuse(NEGATIVE, size >= 1 << 31)
        refuse(PAST_EOF, z3.And(kind != BSS, place + size > length))
        refuse(FRAGMENTED, address // PAGE != next_page)
        next_page = next_page + pick(there, rounded_up(size, PAGE) // PAGE, 0)
    rule.refuse(PAGES, next_page + STACK_AND_ARGUMENTS > frames)
    return count


KINDS = TEXT_KIND, RDATA_KIND, DATA_KIND, BSS_KIND = 1, 2, 3, 4
COMMENT = 0x02100000
# By bits of the flags, in the order in which they decide; and by the name where the flags say nothing.
BITS = (0x20 | 0x80000000 | 0x01000000, TEXT_KIND), (0x80 | 0x400, BSS_KIND), (0x100 | 0x08000000 | 0x10000000, RDATA_KIND), (0x40 | 0x200, DATA_KIND)
NAMED = {TEXT_KIND: (b'.text', b'.init', b'.fini'), RDATA_KIND: (b'.rdata', b'.lit8', b'.lit4'), DATA_KIND: (b'.data', b'.sdata'),
         BSS_KIND: (b'.bss', b'.sbss')}


def prove_section(proof):
    file = proof.file()
    index = proof.given('index', 32)
    result, finding = proof.result('execfmt_coff_section', 'section'), proof.result('execfmt_finding', 'finding')
    rule = Rule()
    header = Header(rule, file)
    rule.refuse(END, index >= header.count)
    entry = header.table + index * SECTION
    name = [file.number(entry + k, 1) for k in range(8)]
    paddr, vaddr, size, place, flags = (header.word(entry + at, 4) for at in (8, 12, 16, 20, 36))
    kind = kind_of(flags, name)
    rule.refuse(OVERFLOW, vaddr + size >= 1 << 32)
    stored = z3.And(size != 0, kind != BSS_KIND)
    rule.refuse(PAST_EOF, z3.And(stored, place + size > file.length))
    numbers = {'index': index, 'kind': kind, 'flags': flags, 'paddr': paddr, 'vaddr': vaddr, 'size': size, 'file_offset': place,
               'file_length': pick(stored, size, 0)}
    ended = z3.BoolVal(False)
    for k in range(9):
        ended = z3.Or(ended, name[k] == 0) if k < 8 else z3.BoolVal(True)
        numbers[f'name[{k}]'] = pick(ended, 0, name[min(k, 7)])
    proof.bounds = {
        'the entry lies within the file': entry + SECTION <= file.length,
        'the bytes of the section lie within the file': z3.Or(z3.Not(stored), place + size <= file.length),
    }
    proof.prove(rule, {result: numbers})
    proof.sample(rule, lambda random: inputs(random, 4), samples=40)


def kind_of(flags, name):
    kind = Whole(0)
    for number, names in NAMED.items():
        for known in names:
            same = z3.And(*(name[k] == byte for k, byte in enumerate(known)), *([name[len(known)] == 0] if len(known) < 8 else []))
            kind = pick(same, number, kind)
    for bits, number in reversed(BITS):
        kind = pick((flags & bits) != 0, number, kind)
    return pick(flags == COMMENT, 0, kind)


def inputs(random, sections):
    count = random.choice([*range(1, sections + 1), 2, sections, MOST + 1])
    optional = random.choice([56, 56, 28, 0])
    page, table = 0, b''
    end = HEADER + optional + SECTION * count
    for _ in range(count):
        size = random.choice([0, 1, 100, 1024, 3000, random.getrandbits(32)]) if random.random() < 0.9 else random.getrandbits(32)
        kind = random.choice([TEXT, DATA, BSS, CONSTANTS]) if random.random() < 0.95 else random.getrandbits(12)
        wrong = random.random()
        address = page * PAGE + (random.choice([PAGE, 4]) if wrong < 0.05 else 0)
        table += bytes(8) + b''.join(n.to_bytes(4, 'little') for n in (address, address & 0xFFFFFFFF, size, end, 0, 0))
        table += (1 if wrong > 0.97 else 0).to_bytes(2, 'little') + bytes(2) + kind.to_bytes(4, 'little')
        page = (page + (size + PAGE - 1) // PAGE) & 0x3FFFFF
    magic = random.choice([b'\x62\x01'] * 8 + [b'\x01\x60', b'\x01\x03'])
    order = 'big' if magic == b'\x01\x60' else 'little'
    header = magic + count.to_bytes(2, order) + bytes(12) + optional.to_bytes(2, order) + random.choice([7, 7, 7, 2]).to_bytes(2, order)
    file = header + bytes(optional) + table + bytes(random.choice([0, 200, 8000]))
    file = file[:random.choice([len(file)] * 6 + [19, 47, 60])]
    options = [16, NACHOS_5J, random.choice([0, 0, 16, 1 << 31]), random.choice([0, 0, 1, 2])]
    options = b''.join(n.to_bytes(4, 'little') for n in options)
    return {'file': file, 'length': len(file), 'index': random.randrange(count + 1)} | {f'options{k}': byte for k, byte in enumerate(options)}
