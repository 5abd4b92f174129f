"""execfmt_coff_check for Nachos 5.0j: which MIPS COFF files its loader takes, by the headers and the walk along the section
table.

The loader reads little-endian numbers, takes 2 to 10 sections, each at the page after the one before, and counts 8 pages of
stack and one of arguments."""
import z3

from claims import Rule, read_options
from whole import Whole, pick, rounded_up

TRUNCATED, MAGIC, PAST_EOF, BIG_ENDIAN = 700, 701, 703, 720
LENGTH, SECTIONS, FLAGS, RELOCATIONS, SECTION_FLAGS, UNALIGNED, NEGATIVE, FRAGMENTED = range(725, 733)
PAGES = 734
NACHOS_5J = 3
PAGE, STACK_AND_ARGUMENTS, FRAMES = 1024, 9, 64
FEWEST, MOST = 2, 10
TEXT, DATA, BSS, CONSTANTS = 0x20, 0x40, 0x80, 0x100
HEADER, SECTION = 20, 40


def prove(proof, sections):
    """For files of at most so many sections, and of more than the loader takes."""
    file = proof.file()
    options = proof.struct('execfmt_coff_options', 'options')
    proof.constant(0)   # no function to report to
    proof.constant(0)
    proof.assumed.append(options['loader'] == NACHOS_5J)
    # A scan of the code only warns.
    proof.assumed.append(options['scan_code'] == 0)
    rule = Rule()
    read_options(proof, rule, options)
    frames = pick(options['frames'] == 0, FRAMES, options['frames'])
    count = section_rule(rule, file, frames, sections)
    proof.assumed.append(z3.Or(count <= sections, count > MOST))
    proof.prove(rule, {})
    proof.sample(rule, lambda random: inputs(random, sections), samples=40)


def section_rule(rule, file, frames, most):
    number, length = file.number, file.length
    rule.refuse(TRUNCATED, length < 2)
    magic = number(0, 2)
    big = magic == 0x6001
    rule.refuse(MAGIC, z3.And(magic != 0x0162, z3.Not(big)))
    rule.refuse(TRUNCATED, length < HEADER)
    word = lambda at: pick(big, number(at, 1) * 256 + number(at + 1, 1), number(at, 2))
    count, optional, flags = word(2), word(16), word(18)
    table = optional + HEADER
    rule.refuse(TRUNCATED, table + count * SECTION > length)
    rule.refuse(BIG_ENDIAN, big)
    rule.refuse(LENGTH, length < 48)
    rule.refuse(SECTIONS, z3.Or(count < FEWEST, count > MOST))
    rule.refuse(FLAGS, flags % 4 != 3)
    next_page = Whole(0)
    for k in range(most):
        there = count > k
        at = lambda offset, size: number(table + SECTION * k + offset, size)
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
    options = [16, NACHOS_5J, random.choice([0, 0, 16, 1 << 31]), 0]
    options = b''.join(n.to_bytes(4, 'little') for n in options)
    return {'file': file, 'length': len(file)} | {f'options{k}': byte for k, byte in enumerate(options)}
