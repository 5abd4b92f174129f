"""a.out files of ELKS and Minix: which can be cut into sections, and a relocation of any number.

The header says how long it is, its cpu in which order the bytes of numbers are; the sections follow it, each with the size of
the header or, where there is one, the compressed one."""
import z3

import cubes
from claims import E_ARGUMENT, Rule
from whole import Whole, big, little, pick

END = 7
TRUNCATED, BAD_MAGIC, HLEN, MIXED_ENDIAN, PAST_EOF, TABLE = 200, 201, 202, 203, 204, 216
PLAIN, RELOC, FAR = 32, 48, 64       # lengths of a header
RECORD = 8
TEXT, FAR_TEXT, DATA = range(3)      # sections


class Image:
    def __init__(self, rule, file):
        self.file, length = file, file.length
        rule.refuse(TRUNCATED, length < 2)
        rule.refuse(BAD_MAGIC, file.number(0, 2) != 0x0301)
        rule.refuse(TRUNCATED, length < PLAIN)
        cpu, hlen = file.number(3, 1), file.number(4, 1)
        rule.refuse(TRUNCATED, length < pick(hlen >= FAR, FAR, pick(hlen >= RELOC, RELOC, PLAIN)))
        self.big = cpu % 2 == 1
        rule.refuse(MIXED_ENDIAN, cpu % 2 != cpu // 2 % 2)
        rule.refuse(HLEN, z3.And(*(hlen != known for known in (PLAIN, RELOC, FAR))))
        self.lengths = [[hlen == known] for known in (PLAIN, RELOC, FAR)] + [[hlen != known for known in (PLAIN, RELOC, FAR)]]
        of = lambda least, at, size: pick(hlen >= least, self.word(at, size), 0)
        tseg, dseg, syms = (self.word(at, 4) for at in (8, 12, 28))
        trsize, drsize, ftseg, ftrsize = (of(*field, 4) for field in ((RELOC, 32), (RELOC, 36), (FAR, 48), (FAR, 52)))
        compr_tseg, compr_dseg, compr_ftseg = (of(FAR, at, 2) for at in (56, 58, 60))
        stored = lambda size, compressed: pick(compressed != 0, compressed, size)
        far_text = pick(ftseg == 0, 0, stored(ftseg, compr_ftseg))
        sizes = stored(tseg, compr_tseg), far_text, stored(dseg, compr_dseg), trsize, ftrsize, drsize, syms
        self.sections, end = [], hlen
        for size in sizes:
            self.sections.append((end, size))
            end = end + size
            rule.refuse(PAST_EOF, z3.And(size != 0, end > length))

    def word(self, at, size):
        """A number in the file's byte order."""
        cells = [z3.Extract(7, 0, self.file.number(at + k, 1).term) for k in range(size)]
        return pick(self.big, big(cells, 0, size), little(cells, 0, size))


def prove_relocation(proof, longest):
    """Of files whose header has one of the lengths up to this one, or none that is known."""
    file = proof.file()
    section, index = proof.given('section', 32), proof.given('index', 32)
    result = proof.result('execfmt_aout_relocation', 'relocation')
    rule = Rule()
    image = Image(rule, file)
    rule.refuse(E_ARGUMENT, section > DATA)
    (start, size), *others = image.sections[3:6]
    for number, (place, length) in enumerate(others, start=1):
        start, size = pick(section == number, place, start), pick(section == number, length, size)
    rule.refuse(END, index * RECORD >= size)
    rule.refuse(TABLE, index * RECORD + RECORD > size)
    at = start + index * RECORD
    numbers = {'vaddr': image.word(at, 4), 'symndx': image.word(at + 4, 2), 'relocation_type': image.word(at + 6, 2)}
    proof.bounds = {
        'the relocation lies within its table, and within the file': z3.And(at + RECORD <= start + size, at + RECORD <= file.length),
    }
    *lengths, other = image.lengths
    known = [PLAIN, RELOC, FAR].index(longest) + 1
    proof.assumed.append(z3.Or(*(z3.And(True, True, *kind) for kind in [*lengths[:known], other])))
    lengths = lengths[:known]
    sections = [[section == number] for number in range(3)] + [[section > DATA]]
    kinds = [other] + cubes.product([[image.big], [z3.Not(image.big)]], lengths, sections)
    proof.prove(rule, {result: numbers}, kinds=kinds)
    proof.sample(rule, lambda random: inputs(random, longest), samples=40)


def inputs(random, longest):
    order = random.choice(['little', 'little', 'big'])
    hlen = random.choice([length for length in (PLAIN, RELOC, RELOC, FAR, FAR) if length <= longest])
    number = lambda value, count: value.to_bytes(count, order)
    sizes = [random.choice([0, 5, 40]) for _ in range(3)] + [random.choice([0, 8, 16, 20]) for _ in range(4)]
    if hlen < FAR:
        sizes[1] = sizes[4] = 0
    if hlen < RELOC:
        sizes[3] = sizes[5] = 0
    tseg, ftseg, dseg, trsize, ftrsize, drsize, syms = sizes
    compressed = hlen == FAR and tseg > 5 and random.random() < 0.5
    header = bytes([1, 3, 0x30, 4 if order == 'little' else 0x0B, hlen, 0]) + number(1, 2)
    header += b''.join(number(value, 4) for value in (tseg, dseg, 0, 0)) + number(0, 2) + number(0, 2) + number(syms, 4)
    header += b''.join(number(value, 4) for value in (trsize, drsize, 0, 0, ftseg, ftrsize))
    header += number(5 if compressed else 0, 2) + number(0, 2) + number(0, 2) + number(0, 2)
    body = random.randbytes(sum(sizes) - (tseg - 5 if compressed else 0))
    file = bytearray(header[:hlen] + body)
    if random.random() < 0.3:
        file[random.randrange(min(len(file), 8))] = random.getrandbits(8)
    file = bytes(file[:random.choice([len(file)] * 6 + [len(file) - 1, 31, 40])])
    return {'file': file, 'length': len(file), 'section': random.choice([0, 1, 2, 2, 3]), 'index': random.randrange(4)}
