"""The NOFF functions that decide over memory: the header's rules, the number of pages, the stack, what a page holds.

The rules are written from docs/ in whole numbers that cannot wrap, where the library works in 32 bits."""
import itertools

import z3

import cubes
from claims import E_ARGUMENT, E_BUFFER, E_LENGTH, E_RANGE, OK, Rule, read_options
from whole import Whole, big, larger, little, pick, rounded_up, smaller

MAGIC = 0x00BADFAD
CODE, INIT, CONSTANTS, BSS = range(4)
NAMES = 'code', 'init_data', 'readonly_data', 'uninit_data'
PADDING = 15             # bytes of initData's end that bss may begin in
ADDRESSES = 0xFFFFFFFF   # a segment ends there at the latest
LARGEST_KNOWN = 0xC248   # where the largest program known ends
TRUNCATED, MAGIC_RULE, NO_LAYOUT, PAST_EOF = 100, 101, 102, 104
STARTS = 0, 0x80         # where the code of every program known begins
NO_STACK = 122


class Segment:
    """Address, offset in the file, size; and whether the file has bytes of it."""

    def __init__(self, kind, address, offset, size):
        self.kind, self.address, self.offset, self.size = kind, Whole(address), Whole(offset), Whole(size)
        self.stored, self.some = kind != BSS, self.size != 0
        self.end, self.file_end = self.address + self.size, self.offset + self.size

    def shares_memory(self, other):
        return z3.And(self.some, other.some, self.address < other.end, other.address < self.end)

    def shares_file(self, other):
        return z3.And(self.some, other.some, self.offset < other.file_end, other.offset < self.file_end)


def breaches(segments, header, file_len, warnings):
    """(status, condition) of each rule, in order; those of warnings only where they refuse as well."""
    rows = []
    warn = lambda status, when: rows.append((status, z3.And(warnings, when)))
    for one in segments:
        rows.append((103, z3.And(one.some, one.end > ADDRESSES)))
        if one.stored:
            rows.append((104, z3.And(one.some, one.file_end > file_len)))
            rows.append((105, z3.And(one.some, one.offset < header)))
        warn(152, z3.And(one.some, one.size % 16 != 0))
        warn(153, z3.And(one.some, one.address % 4 != 0))
    for k, second in enumerate(segments):
        for first in segments[:k]:
            overlap, padding = first.shares_memory(second), False
            if (first.kind, second.kind) == (INIT, BSS):
                padding = z3.And(second.address >= first.address, first.end - second.address <= PADDING)
            rows.append((106, z3.And(overlap, z3.Not(padding))))
            warn(150, overlap)
            if second.stored:
                warn(151, first.shares_file(second))
    code, end = segments[CODE], memory_end(segments)
    warn(155, z3.Not(code.some))
    warn(154, z3.And(*(code.address != start for start in STARTS)))
    warn(156, payload(segments) != header)
    last = Whole(header)
    for one in segments[:BSS]:
        last = pick(one.some, larger(last, one.file_end), last)
    warn(157, file_len > last)
    together = sum((one.size for one in segments), Whole(0))
    warn(158, together < end)
    warn(159, end > LARGEST_KNOWN)
    return rows


def memory_end(segments):
    end = Whole(0)
    for one in segments:
        end = pick(one.some, larger(end, one.end), end)
    return end


def payload(segments):
    """Where the first segment with bytes in the file begins; beyond 32 bits when there is none."""
    low = Whole(1 << 32)
    for one in segments[:BSS]:
        low = pick(one.some, smaller(low, one.offset), low)
    return low


def segments_of(header, is_big, layout_4):
    """The records of a header in one of the layouts."""
    word = lambda at: pick(is_big, big(header, at, 4), little(header, at, 4))
    record = lambda kind, at: Segment(kind, word(at), word(at + 4), word(at + 8))
    if layout_4:
        return [record(kind, 4 + 12 * kind) for kind in range(4)]
    return [record(CODE, 4), record(INIT, 16), Segment(CONSTANTS, 0, 0, 0), record(BSS, 28)]


def prove_header(proof, warnings=False):
    prefix = proof.bytes('header', 52)
    length = proof.given('length', proof.bits)
    prefix.used = smaller(length, 52)
    file_len = proof.given('file_len', 32)
    options = proof.struct('execfmt_noff_options', 'options')
    noff, finding = proof.result('execfmt_noff', 'noff'), proof.result('execfmt_finding', 'finding')
    wanted, strictness = options['layout'], options['strictness']
    proof.assumed.append(strictness != 0 if warnings else strictness == 0)
    header = prefix.cells

    rule = Rule()
    read_options(proof, rule, options)
    rule.refuse(E_ARGUMENT, z3.Or(z3.And(wanted != 0, wanted != 3, wanted != 4), strictness > 1))
    rule.refuse(E_LENGTH, length >= 1 << proof.bits - 1)
    have = smaller(length, file_len)
    rule.refuse(TRUNCATED, have < 4)
    is_big = big(header, 0, 4) == MAGIC
    rule.refuse(MAGIC_RULE, z3.And(z3.Not(is_big), little(header, 0, 4) != MAGIC))
    three, four = (segments_of(header, is_big, layout_4) for layout_4 in (False, True))
    fits = {3: z3.And(have >= 40, payload(three) == 40), 4: z3.And(have >= 52, payload(four) == 52)}
    rule.refuse(TRUNCATED, z3.Or(z3.And(wanted == 3, have < 40), z3.And(wanted == 4, have < 52)))
    neither = z3.And(wanted == 0, z3.Not(fits[3]), z3.Not(fits[4]))
    rule.refuse(TRUNCATED, z3.And(neither, z3.Or(have < 40, z3.And(have < 52, have < file_len))))
    # Records that both layouts have at the same offsets, and that lie beyond the file, are why it cannot be decided.
    for one in three[:CONSTANTS]:
        rule.refuse(PAST_EOF, z3.And(neither, one.some, one.offset > file_len))
    rule.refuse(NO_LAYOUT, neither)
    is_3 = z3.Or(wanted == 3, z3.And(wanted == 0, fits[3]))
    both = lambda k, part: pick(is_3, getattr(three[k], part), getattr(four[k], part))
    segments = [Segment(k, *(both(k, part) for part in ('address', 'offset', 'size'))) for k in range(4)]
    size = pick(is_3, 40, 52)
    for row in breaches(segments, size, file_len, strictness == 1):
        rule.refuse(*row)

    numbers = {'layout': pick(is_3, 3, 4), 'byte_order': pick(is_big, 2, 1), 'file_len': file_len, 'memory_end': memory_end(segments)}
    for name, one in zip(NAMES, segments):
        numbers |= {f'{name}.virtual_addr': one.address, f'{name}.in_file_addr': one.offset, f'{name}.size': one.size}
    stored = segments[:BSS]
    proof.bounds = {
        'every segment ends within 32 bits and within memory_end':
            z3.And(*(z3.Or(z3.Not(one.some), z3.And(one.end <= numbers['memory_end'], one.end <= ADDRESSES)) for one in segments)),
        'every segment with bytes lies between header and end of file':
            z3.And(*(z3.Or(z3.Not(one.some), z3.And(one.offset >= size, one.file_end <= file_len)) for one in stored)),
        'no two segments with bytes share an address':
            z3.And(*(z3.Not(a.shares_memory(b)) for k, b in enumerate(stored) for a in stored[:k])),
        'bss begins at the end of initData\'s bytes, less at most 15':
            z3.Or(z3.Not(segments[INIT].shares_memory(segments[BSS])), segments[BSS].address + PADDING >= segments[INIT].end),
    }
    splits = [one.size == 0 for one in segments]
    *layouts, above, between = [[wanted == 0, is_3], [wanted == 0, z3.Not(is_3)], [wanted == 3], [wanted == 4], [wanted > 4],
                                [z3.Or(wanted == 1, wanted == 2)]]
    orders, rules = [[is_big], [z3.Not(is_big)]], cubes.first_broken(rule.conditions())
    if warnings:
        # With twice the rules, the merged paths are too much at once.
        kinds = [[strictness > 1], [strictness == 1, *above], [strictness == 1, *between]]
        kinds += cubes.product([[strictness == 1]], orders, layouts)
        proof.prove(rule, {noff: numbers}, cases=rules, splits=splits, kinds=kinds)
    else:
        proof.prove(rule, {noff: numbers}, cases=cubes.product(orders, [*layouts, above, between], rules), splits=splits)
    proof.sample(rule, lambda random: header_inputs(random, warnings))


def header_inputs(random, warnings):
    pool = [0, 1, 3, 4, 15, 16, 40, 52, 0x80, 0x100, 0x7C68, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF]
    number = lambda: random.choice([random.choice(pool), random.choice(pool), random.randrange(400), random.randrange(400), random.getrandbits(32)])
    order = random.choice(['little', 'big'])
    image = b''.join(word.to_bytes(4, order) for word in [MAGIC, *(number() for _ in range(12))])
    layout, strictness = random.choice([0, 3, 4, 4, 3]), random.choice([1, 1, 2]) if warnings else 0
    options = random.choice([12, 12, 12, 12, 0, 8]).to_bytes(4, 'little') + layout.to_bytes(4, 'little') + strictness.to_bytes(4, 'little')
    return ({f'header{k}': byte for k, byte in enumerate(image)} | {f'options{k}': byte for k, byte in enumerate(options)}
            | {'length': random.choice([52, 52, 51, 40, 60, 4]), 'file_len': random.choice([number(), 4000, 1 << 20])})


# The functions on a header that was read. The struct may be damaged in any way: it is judged again.
def judged(proof):
    noff = proof.struct('execfmt_noff', 'noff')
    rule = Rule()
    layout, order = noff['layout'], noff['byte_order']
    rule.refuse(E_ARGUMENT, z3.And(layout != 3, layout != 4))
    rule.refuse(E_ARGUMENT, z3.And(order != 1, order != 2))
    is_3 = layout == 3
    segments = []
    for kind, name in enumerate(NAMES):
        fields = [noff[f'{name}.{field}'] for field in ('virtual_addr', 'in_file_addr', 'size')]
        if kind == CONSTANTS:
            fields = [pick(is_3, 0, field) for field in fields]
        segments.append(Segment(kind, *fields))
    for row in breaches(segments, pick(is_3, 40, 52), noff['file_len'], z3.BoolVal(False)):
        rule.refuse(*row)
    return noff, rule, segments


def page_sizes(size):
    """Each power of two up to 65,536, and all other numbers."""
    powers = [1 << k for k in range(17)]
    return [[size == power] for power in powers] + [[size != power for power in powers]]


def not_a_page(size):
    return z3.And(*(size != 1 << k for k in range(17)))


def pages_for(segments, stack, size):
    """The smallest number of pages that holds program and stack. A page size is a power of two: the quotient is a shift."""
    bytes_ = memory_end(segments) + stack
    count = Whole(0)
    for k in range(17):
        count = pick(size == 1 << k, rounded_up(bytes_, 1 << k) // (1 << k), count)
    return count


def prove_count(proof, stack_pointer=False):
    noff, rule, segments = judged(proof)
    size, stack = proof.given('page_size', 32), proof.given('stack_size', 32)
    result = proof.result(4, 'result')
    rule.refuse(E_ARGUMENT, not_a_page(size))
    count = pages_for(segments, stack, size)
    if stack_pointer:
        top = count * size
        rule.refuse(NO_STACK, z3.Or(top < 16, top - 16 > 0xFFFFFFFF))
        number = top - 16
    else:
        rule.refuse(E_RANGE, count > 0xFFFFFFFF)
        number = count
    sizes = page_sizes(size)
    cases = cubes.product(cubes.first_broken(rule.conditions()[:-1]))
    last = cases.pop()
    proof.prove(rule, {result: {'': number}}, cases=cases + [last + one for one in sizes], result_cases=sizes,
                splits=[one.size == 0 for one in segments])
    proof.sample(rule, struct_inputs)


def prove_page(proof, page_size):
    """One page size at a time: with any, the results are too hard."""
    noff, rule, segments = judged(proof)
    vpn = proof.given('vpn', 32)
    proof.constant(page_size)
    page = proof.result('execfmt_noff_page', 'page')
    low = vpn * page_size
    high = low + page_size
    touched, covered, pieces, outside = [], Whole(0), [], []
    # A piece ends in the file where its segment begins there, and its own end in the segment. That this is within the file is asked
    # of any end within the segment, which it was shown to be.
    any_end = Whole(z3.BitVec('any_end', 64))
    for one in segments:
        start, end = larger(low, one.address), smaller(high, one.end)
        here = z3.And(one.some, start < end)
        touched.append(here)
        if one.kind in (CODE, CONSTANTS):
            covered = covered + pick(here, end - start, 0)
        if one.stored:
            skip, length = start - one.address, end - start
            pieces.append((here, Whole(one.kind), start - low, one.offset + skip, length))
            outside += [
                [here, z3.Or(length == 0, start - low + length > page_size)],
                [here, z3.Or(skip > ADDRESSES, length > ADDRESSES, skip + length > one.size)],
                [rule.unbroken(PAST_EOF), one.some, any_end <= one.size, one.offset + any_end > noff['file_len']],
            ]
    count = sum((pick(here, 1, 0) for here, *_ in pieces), Whole(0))
    numbers = {'piece_count': count, 'read_only': pick(covered == page_size, 1, 0),
               'segments': sum((pick(here, 1 << kind, 0) for kind, here in enumerate(touched)), Whole(0))}
    fields = 'segment', 'offset_in_page', 'file_offset', 'length'
    for place in range(3):
        values = [Whole(0)] * 4
        for k, (here, *piece) in enumerate(pieces):
            before = sum((pick(earlier, 1, 0) for earlier, *_ in pieces[:k]), Whole(0))
            mine = z3.And(here, before == place)
            values = [pick(mine, new, old) for new, old in zip(piece, values)]
        numbers |= {f'pieces[{place}].{field}': value for field, value in zip(fields, values)}
    proof.bounds = {'every piece is not empty and lies within page, segment and file': outside}
    # The results are one question of a minute: neither halves nor cases by the segments in the page take less together.
    proof.prove(rule, {page: numbers})
    proof.sample(rule, struct_inputs)


def struct_inputs(random):
    number = lambda: random.choice([0, 1, 16, 40, 52, 0x80, 0xFFFF, 0x80000000, 0xFFFFFFFF, random.getrandbits(32)])
    at, place = 52, 0
    row = [random.choice([3, 4]), random.choice([1, 2]), random.choice([1 << 20, 400, number()]), 0]
    for _ in range(4):
        size = random.choice([0, 16, 100, 128, 300])
        row += [place, at, size]
        place, at = place + size + random.choice([0, 0, 28, 128]), at + size
    if random.random() < 0.2:
        row[random.randrange(16)] = number()
    image = b''.join(word.to_bytes(4, 'little') for word in row)
    return ({f'noff{k}': byte for k, byte in enumerate(image)}
            | {'page_size': random.choice([128, 128, 1, 4, 1024, 65536, number()]), 'stack_size': random.choice([0, 1024, number()]),
               'vpn': random.choice([random.randrange(12), random.randrange(12), number()])})


def prove_load(proof, constants=False):
    """Of programs with three segments, or with four. One byte of the memory stands for all: which one is free."""
    noff, rule, segments = judged(proof)
    proof.assumed.append(noff['layout'] == 4 if constants else noff['layout'] != 4)
    proof.callback('proof_read')
    proof.constant(0)
    stored = segments[:BSS] if constants else segments[:CONSTANTS]
    byte = proof.memory(noff['file_len'])
    length, at = Whole(byte.length), Whole(byte.at)
    rule.refuse(E_LENGTH, length >= 1 << 63)
    rule.refuse(E_BUFFER, length < memory_end(segments))
    proof.assumed.append(at < length)
    content = Whole(1)
    for one in segments[:BSS]:
        content = pick(z3.And(one.some, at >= one.address, at < one.end), at - one.address + one.offset + 2, content)
    wrong = lambda expected: lambda: proof.content() != Whole(expected).term
    kinds = [kind for some in itertools.product([False, True], repeat=len(stored)) for kind in in_order(stored, some)]
    bss = segments[BSS].some
    kinds = cubes.product(kinds, [[z3.Not(bss)], [bss]])
    # From one border to the next.
    borders = [at >= place for one in stored for place in (one.address, one.end)]
    regions = cubes.product(*([[z3.Not(border)], [border]] for border in borders))
    changed = [lambda: proof.status != OK, wrong(0)]
    other = [lambda: proof.status == OK, rule.accepts, wrong(content)]
    proof.prove(rule, {}, kinds=kinds, extra=[
        ('on refusal no byte of the memory is written', changed, ([],)),
        ('each byte of the memory becomes the byte of the file that its segment says, else 0', other, regions),
    ])
    proof.sample_byte(rule, lambda random: load_inputs(random, 4 if constants else 3))


def in_order(segments, some):
    """Cases by the order of the segments that are not empty, as `some` says of each: by address, or in the header's order where it is the same."""
    sizes = [one.some if full else z3.Not(one.some) for one, full in zip(segments, some)]
    full = [k for k, is_full in enumerate(some) if is_full]
    before = lambda a, b: segments[a].address <= segments[b].address if a < b else z3.Not(segments[b].address <= segments[a].address)
    return [sizes + [before(*pair) for pair in itertools.pairwise(order)] for order in itertools.permutations(full)]


def load_inputs(random, layout):
    # Three segments are what every other layout has, a damaged one too.
    bytes_ = layout.to_bytes(4 if layout == 4 else 1, 'little')
    found = struct_inputs(random) | {f'noff{k}': byte for k, byte in enumerate(bytes_)}
    length = random.choice([1, 200, 400, 2000, 70000])
    return found | {'length': length, 'at': random.choice([0, length - 1, random.randrange(length), random.randrange(min(length, 600))])}
