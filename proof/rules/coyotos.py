"""Coyotos images: the header's rules, and where the objects of each kind lie.

An image is one file: the pages, the pages of capabilities, GPTs, endpoints and processes follow each other, and the numbers of the
header have to add up to the file's length."""
import z3

import cubes
from claims import E_ARGUMENT, Rule
from whole import Whole, big, little, pick, rounded_up

TRUNCATED, BAD_MAGIC, COMPRESSED, BAD_ENDIAN, VERSION, TARGET, PAGE_SIZE, SIZE_FORMULA, OLD_LAYOUT, FILE_SIZE, TABLE_ORDER, \
    TABLE_PAGES, TABLE_END = range(400, 413)
MAGIC, HEADER = b'coyimage', 104
LITTLE, BIG = 1234, 4321
# Number, byte order and page size of the architectures.
ARCHITECTURES = (1, False, 4096), (2, True, 8192), (3, False, 4096)
GPT, ENDPOINT, PROCESS, OLD_ENDPOINT = 264, 32, 632, 48
BANK, SYMBOL, ALLOC = 16, 24, 24


def header_rule(rule, file):
    """Adds what is refused; the numbers of the header by name."""
    length, byte = file.length, lambda at: file.number(at, 1)
    known = [z3.Or(length <= k, byte(k) == letter) for k, letter in enumerate(MAGIC)]
    rule.refuse(COMPRESSED, z3.And(z3.Not(z3.And(*known)), length >= 2, byte(0) == 0x1F, byte(1) == 0x8B))
    rule.refuse(BAD_MAGIC, z3.Not(z3.And(*known)))
    rule.refuse(TRUNCATED, length < HEADER)
    cells = [byte(k).term for k in range(HEADER)]
    cells = [z3.Extract(7, 0, cell) for cell in cells]
    is_big = big(cells, 8, 4) == BIG
    rule.refuse(BAD_ENDIAN, z3.And(z3.Not(is_big), little(cells, 8, 4) != LITTLE))
    number = lambda at, count: pick(is_big, big(cells, at, count), little(cells, at, count))
    names = 'version target pg_size n_alloc n_bank n_symbol n_string_bytes n_page n_cap_page n_gpt n_endpoint n_proc img_bytes'.split()
    it = {name: number(12 + 4 * k, 4) for k, name in enumerate(names)}
    names = 'bank_vec_oid sym_vec_oid string_table_oid alloc_vec_oid end_vec_oid'.split()
    it |= {name: number(64 + 8 * k, 8) for k, name in enumerate(names)}
    it['is_big'] = is_big
    rule.refuse(VERSION, it['version'] != 1)
    page, among = Whole(0), z3.BoolVal(False)
    for target, order, size in ARCHITECTURES:
        this = z3.And(it['target'] == target, is_big == order)
        page, among = pick(this, size, page), z3.Or(among, this)
    rule.refuse(TARGET, z3.Not(among))
    rule.refuse(PAGE_SIZE, it['pg_size'] != page)
    # From here on the page size is one of two.
    page = pick(is_big, 8192, 4096)
    total = lambda endpoint: ((it['n_page'] + it['n_cap_page']) * page + it['n_gpt'] * GPT + it['n_endpoint'] * endpoint
                              + it['n_proc'] * PROCESS)
    fits = total(ENDPOINT) == it['img_bytes']
    rule.refuse(OLD_LAYOUT, z3.And(z3.Not(fits), total(OLD_ENDPOINT) == it['img_bytes']))
    rule.refuse(SIZE_FORMULA, z3.Not(fits))
    rule.refuse(FILE_SIZE, length != it['img_bytes'])
    end = it['n_page']
    rule.refuse(TABLE_END, it['end_vec_oid'] != end)
    before = Whole(1)
    tables = [it[name] for name in ('bank_vec_oid', 'sym_vec_oid', 'string_table_oid', 'alloc_vec_oid')]
    for table in tables:
        rule.refuse(TABLE_ORDER, z3.Or(table < before, table > end))
        before = table
    pages = lambda count, size: pick(is_big, rounded_up(count * size, 8192) // 8192, rounded_up(count * size, 4096) // 4096)
    banks, symbols, strings, allocs = tables
    rule.refuse(TABLE_PAGES, symbols != banks + pages(it['n_bank'], BANK))
    rule.refuse(TABLE_PAGES, strings < symbols + pages(it['n_symbol'], SYMBOL))
    rule.refuse(TABLE_PAGES, allocs < strings + pages(it['n_string_bytes'], 1))
    rule.refuse(TABLE_PAGES, end != allocs + pages(it['n_alloc'], ALLOC))
    return it, page


def seal(words):
    """What the fields of the C struct are checked by."""
    mixed = z3.BitVecVal(0xCBF29CE484222325, 64)
    for word in words:
        mixed = (mixed ^ Whole(word).term) * 0x9E3779B97F4A7C15
        mixed = mixed ^ z3.LShR(mixed, 32)
    return z3.Extract(31, 0, mixed)


def opened(file, packing):
    """The struct of an image that was opened, by the address of the file."""
    def numbers(address):
        fields = {'bytes': address, 'length': file.length, 'packing': packing}
        return fields | {'seal': Whole(seal(fields.values()))}
    return numbers


def prove_open(proof):
    file = proof.file()
    proof.engine.products.wanted = True
    packing = proof.given('packing', 32)
    image, finding = proof.result('execfmt_coyotos_image', 'image'), proof.result('execfmt_finding', 'finding')
    rule = Rule()
    rule.refuse(E_ARGUMENT, packing > 1)
    it, page = header_rule(rule, file)
    tables = [it[name] for name in ('bank_vec_oid', 'sym_vec_oid', 'string_table_oid', 'alloc_vec_oid')]
    ends = [it['n_bank'] * BANK, it['n_symbol'] * SYMBOL, it['n_string_bytes'], it['n_alloc'] * ALLOC]
    proof.bounds = {
        'every table lies in its pages, and its pages in the file': z3.And(*(
            table * page + size <= following * page
            for table, size, following in zip(tables, ends, [*tables[1:], it['n_page']]))),
        'the pages lie in the file': it['n_page'] * page <= file.length,
    }
    # The checksum besides is compared in the samples, and asked for by `coyotos-object`.
    image.placed = opened(file, packing)
    proof.prove(rule, {image: {'bytes': proof.file_address, 'length': file.length, 'packing': packing}})
    proof.sample(rule, inputs, samples=40)


NO_OBJECT, NOT_MEMORY = 472, 474


def prove_object(proof):
    """Of an image that was opened: its struct has what execfmt_coyotos_open has stored there."""
    file = proof.file(passed=False)
    proof.engine.products.wanted = True
    packing = z3.BitVec('packing', 32)
    proof.inputs.append(('packing', packing))
    proof.filled_in('execfmt_coyotos_image', 'image', opened(file, packing))
    kind, oid = proof.given('object_type', 32), proof.given('oid', 64)
    place, size = proof.result(8, 'bytes'), proof.result(8, 'length_out')
    rule = Rule()
    rule.refuse(E_ARGUMENT, Whole(packing) > 1)
    it, page = header_rule(rule, file)
    rule.refuse(E_ARGUMENT, kind > 4)
    # In the order of the file, with the numbers of the kinds.
    start, here, count, each = Whole(0), Whole(0), Whole(0), Whole(0)
    for number, name, bytes_ in ((0, 'n_page', page), (1, 'n_cap_page', page), (2, 'n_gpt', GPT), (4, 'n_endpoint', ENDPOINT),
                                 (3, 'n_proc', PROCESS)):
        this = kind == number
        here, count, each = pick(this, start, here), pick(this, it[name], count), pick(this, bytes_, each)
        start = start + it[name] * bytes_
    rule.refuse(NO_OBJECT, oid >= count)
    proof.bounds = {'the object lies within the file': here + oid * each + each <= file.length}
    by_kind = [[kind == number] for number in range(5)] + [[kind > 4]]
    kinds = cubes.product([[it['is_big']], [z3.Not(it['is_big'])]], by_kind)
    proof.prove(rule, {place: lambda address: {'': Whole(address) + here + oid * each}, size: {'': each}}, kinds=kinds)
    proof.sample(rule, object_inputs, samples=40)


# One step down an address space.
NULL, WINDOW, LOCAL_WINDOW, PAGE, CAP_PAGE, GPT_TYPE = 0, 1, 2, 0x21, 0x22, 0x23
WEAK, READ_ONLY, OPAQUE = 1, 2, 8
NO_SLOT = 0xFFFFFFFF


def shifted(value, count):
    """Down; by 64 and more it gives 0."""
    return Whole(z3.LShR(value.term, Whole(count).term))


def lower(value, count):
    """The bits below one."""
    return value - Whole(shifted(value, count).term << Whole(count).term)


class Capability:
    def __init__(self, struct, name=''):
        self.oid, self.word0, self.word1 = (struct[name + member] for member in ('oid', 'word0', 'word1'))
        self.type = self.word0 % 64
        self.restr = self.word0 // 128 % 32
        self.l2g, self.match = self.word1 % 128, self.word1 // 256
        self.memory = z3.Or(*(self.type == kind for kind in (PAGE, CAP_PAGE, GPT_TYPE)))
        self.restrictions = self.restr - (self.restr & OPAQUE)


def prove_step(proof):
    """The root, any capability, and below it one GPT, any, whose slots hold one capability, any but a GPT."""
    root = proof.struct('execfmt_proof_capability', 'root')
    address = proof.given('address', 64)
    gpts = proof.struct('execfmt_proof_gpts', 'gpts')
    leaf = proof.result('execfmt_proof_leaf', 'leaf')
    top, below = Capability(root), Capability(gpts, 'slot.')
    proof.assumed.append(below.type != GPT_TYPE)
    rule = Rule()
    together = lambda a, b: with_weak(Whole(a.term | b.term))
    with_weak = lambda restr: pick(restr % 2 == WEAK, Whole(restr.term | READ_ONLY), restr)

    # The root.
    unmapped = lambda before: {'oid': Whole(0), 'word0': Whole(0), 'word1': Whole(0), 'offset': Whole(0), 'restr': before}
    mapped = lambda cap, offset, restr: {'oid': cap.oid, 'word0': cap.word0, 'word1': cap.word1, 'offset': offset, 'restr': restr}
    choose = lambda when, yes, no: {name: pick(when, yes[name], no[name]) for name in no}
    rule.refuse(NOT_MEMORY, z3.And(top.type != NULL, z3.Not(top.memory)))
    guarded = z3.And(top.type != NULL, shifted(address, top.l2g) == top.match)
    offset, restr = lower(address, top.l2g), with_weak(top.restrictions)
    is_gpt = z3.And(guarded, top.type == GPT_TYPE)
    # The GPT.
    rule.refuse(NO_OBJECT, z3.And(is_gpt, top.oid >= gpts['count']))
    l2v = gpts['l2v']
    slots = pick(z3.Or(gpts['ha'] != 0, gpts['bg'] != 0), 8, 16)
    slot = shifted(offset, l2v)
    entered = z3.And(is_gpt, slot < slots)
    inner = lower(offset, l2v)
    # What its slot holds.
    rule.refuse(NOT_MEMORY, z3.And(entered, below.type != NULL, z3.Not(below.memory)))
    matched = z3.And(below.type != NULL, shifted(inner, below.l2g) == below.match)
    joined = together(restr, below.restrictions)
    last = choose(matched, mapped(below, lower(inner, below.l2g), joined), unmapped(restr))
    found = choose(entered, last, unmapped(restr))
    found = choose(is_gpt, found, choose(guarded, mapped(top, offset, restr), unmapped(Whole(0))))
    found['slot'] = pick(entered, slot, NO_SLOT)
    proof.bounds = {
        'the slot is one of the GPT\'s': z3.Or(found['slot'] == NO_SLOT, found['slot'] < 16),
        'the offset is no more than the address': found['offset'] <= address,
    }
    proof.prove(rule, {leaf: found})
    proof.sample(rule, step_inputs)


def step_inputs(random):
    def capability(types):
        kind = random.choice(types)
        l2g = random.choice([12, 16, 20, 64, random.getrandbits(7)])
        word0 = kind | random.choice([0, 1, 2, 4, 8, 16, 31]) << 7
        return word0, l2g | random.choice([0, 0, 1, random.getrandbits(24)]) << 8
    address = random.choice([0, 0x1234, 0x12345, 1 << 20, (1 << 20) + 0x5678, random.getrandbits(64)])
    word0, word1 = capability([GPT_TYPE] * 6 + [PAGE, CAP_PAGE, NULL, WINDOW, 0x20])
    root = random.choice([0, 0, 0, 5]).to_bytes(8, 'little') + word0.to_bytes(4, 'little') + word1.to_bytes(4, 'little')
    word0, word1 = capability([PAGE, PAGE, CAP_PAGE, NULL, LOCAL_WINDOW, 0x24])
    gpts = (3).to_bytes(8, 'little') + (7).to_bytes(8, 'little') + word0.to_bytes(4, 'little') + word1.to_bytes(4, 'little')
    gpts += bytes([random.choice([12, 16, 0, 63, random.getrandbits(8)]), random.choice([0, 0, 1]), random.choice([0, 0, 2])])
    return {'address': address} | {f'root{k}': byte for k, byte in enumerate(root)} | {f'gpts{k}': byte for k, byte in enumerate(gpts)}


def header_bytes(random):
    order, target, size = random.choice([('little', 1, 4096), ('little', 3, 4096), ('big', 2, 8192)])
    counts = [random.choice([1, 2, 5, 300]) for _ in range(4)]
    n_alloc, n_bank, n_symbol, n_string = counts
    pages = lambda count, each: (count * each + size - 1) // size
    bank = random.choice([1, 1, 2])
    symbols = bank + pages(n_bank, BANK)
    strings = symbols + pages(n_symbol, SYMBOL) + random.choice([0, 0, 1])
    alloc = strings + pages(n_string, 1)
    end = alloc + pages(n_alloc, ALLOC)
    caps, gpts, endpoints, processes = (random.choice([0, 1, 3]) for _ in range(4))
    total = (end + caps) * size + gpts * GPT + endpoints * random.choice([ENDPOINT] * 5 + [OLD_ENDPOINT]) + processes * PROCESS
    words = [LITTLE if order == 'little' else BIG, 1, target, size, n_alloc, n_bank, n_symbol, n_string, end, caps, gpts, endpoints, processes, total]
    oids = [bank, symbols, strings, alloc, end]
    if random.random() < 0.5:
        at = random.randrange(19)
        row, k = (words, at) if at < 14 else (oids, at - 14)
        row[k] = random.choice([0, 1, row[k] + 1, max(row[k] - 1, 0), 2, 0xFFFFFFFF])
    data = MAGIC + b''.join(n.to_bytes(4, order) for n in words) + b''.join(n.to_bytes(8, order) for n in oids)
    return data, total


def inputs(random):
    data, total = header_bytes(random)
    data += bytes(total - len(data))
    data = random.choice([data] * 8 + [data[:100], data[:5], data[:-1], b'\x1f\x8b' + data[2:], b'x' + data[1:]])
    return {'file': data, 'length': len(data), 'packing': random.choice([0, 0, 1, 2])}


def object_inputs(random):
    return inputs(random) | {'object_type': random.choice([0, 1, 2, 3, 4, 4, 5]), 'oid': random.choice([0, 0, 1, 2, 3, 1 << 32])}
