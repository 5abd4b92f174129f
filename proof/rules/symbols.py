"""Symbol tables of a.out files, in either format, and of MIPS COFF files: one step of the reader, on a table of any contents.

What a reader keeps is how much of the table is left, so that one step is all of them. `number` asks for the first item or, with any
other value, for the second, which shows that the reader goes on where the first record ends."""
import z3

import cubes
from claims import Rule
from rules.coff import Header, inputs as coff_inputs
from whole import Whole, pick

END = 7
PARTIAL, UNTERMINATED, TRAILING = 1, 2, 3      # faults
ELKS_HEAD, ENTRY, NAME = 4, 16, 8              # sizes: the fixed part of an ELKS record, an nlist entry, the name in it
SYMBOL_TABLE = 708
SYMBOLIC_MAGIC, SYMBOLIC_HEADER, EXTERNAL = 0x7009, 96, 16
FIELDS = 'offset', 'length', 'needed', 'value', 'class', 'index', 'fault'


class Item:
    """What comes at a place: the end, a fault or a symbol. Members left out are 0."""

    def __init__(self, ends, faults=(), **symbol):
        self.ends = ends
        self.symbol = z3.And(True, z3.Not(ends), *(z3.Not(when) for when, _ in faults))
        member = lambda values, field: Whole(values.get(field, 0))
        self.numbers = {field: member(symbol, field) for field in FIELDS}
        for when, values in reversed(faults):
            self.numbers = {field: pick(when, member(values, field), number) for field, number in self.numbers.items()}


def prove_items(proof, rule, number, first, second, symbol, kinds=([],)):
    """After anything but a symbol a reader has ended."""
    rule.refuse(END, z3.If(number == 0, first.ends, z3.Or(z3.Not(first.symbol), second.ends)))
    numbers = {field: pick(number == 0, first.numbers[field], second.numbers[field]) for field in FIELDS}
    proof.bounds = {'the name, the entries or what is left lie within the table': numbers['offset'] + numbers['length'] <= proof.engine.file.length}
    proof.prove(rule, {symbol: numbers}, cases=([],), kinds=cubes.product([[number == 0], [number != 0]], kinds))


def prove_elks(proof):
    file, number = proof.file(), proof.given('number', 32)
    symbol = proof.result('execfmt_proof_symbol', 'symbol')

    def item(at):
        left, byte = file.length - at, lambda offset, size=1: file.number(at + offset, size)
        zero, size = z3.And(left != 0, byte(0) == 0), pick(left > 3, byte(3), 0) + ELKS_HEAD
        return Item(
            z3.And(zero, left == 1),
            [(left == 0, {'fault': UNTERMINATED, 'offset': at, 'needed': 1}),
             (zero, {'fault': TRAILING, 'offset': at + 1, 'length': left - 1}),
             (size > left, {'fault': PARTIAL, 'offset': at, 'length': left, 'needed': size})],
            offset=pick(byte(3) == 0, 0, at + ELKS_HEAD), length=byte(3), value=byte(1, 2), **{'class': byte(0)},
        ), at + size

    first, at = item(Whole(0))
    second, _ = item(at)
    rule = Rule()
    prove_items(proof, rule, number, first, second, symbol)
    proof.sample(rule, elks_inputs)


def elks_inputs(random):
    table = b''
    for _ in range(random.randrange(4)):
        name = random.randbytes(random.choice([0, 1, 5]))
        table += bytes([random.choice(b'TtD')]) + random.randbytes(2) + bytes([len(name)]) + name
    table += random.choice([b'\0', b'\0', b'', b'\0x'])
    table = table[:random.choice([len(table)] * 4 + [len(table) - 2, 3])]
    return {'file': table, 'length': len(table), 'number': random.choice([0, 1, 9])}


def prove_nlist(proof):
    """Of symbols with names of up to 16 bytes, in two entries."""
    file = proof.file()
    order, number = proof.given('big', 32), proof.given('number', 32)
    symbol = proof.result('execfmt_proof_symbol', 'symbol')

    def word(at):
        cells = [file.number(at + k, 1) for k in range(4)]
        join = lambda cells: sum((cell * (1 << 8 * k) for k, cell in enumerate(cells)), Whole(0))
        return pick(order != 0, join(cells[::-1]), join(cells))

    def item(at, index):
        left = file.length - at
        full = lambda entry: z3.And(*(file.number(at + entry * ENTRY + k, 1) != 0 for k in range(NAME)))
        zeros = lambda entry: z3.And(*(file.number(at + entry * ENTRY + k, 1) == 0 for k in range(NAME, ENTRY)))
        follows = lambda entry: z3.And(full(entry - 1), left >= ENTRY * (entry + 1), zeros(entry))
        proof.assumed.append(z3.Not(z3.And(follows(1), follows(2))))
        count = pick(follows(1), 2, 1)
        return Item(
            left == 0, [(left < ENTRY, {'fault': PARTIAL, 'offset': at, 'length': left, 'needed': ENTRY})],
            offset=at, length=count * ENTRY, value=word(at + NAME), index=index, **{'class': file.number(at + 12, 1)},
        ), count

    first, count = item(Whole(0), 0)
    second, _ = item(count * ENTRY, count)
    rule = Rule()
    prove_items(proof, rule, number, first, second, symbol, [[order == 0], [order != 0]])
    proof.sample(rule, nlist_inputs, samples=40)


def nlist_inputs(random):
    table = b''
    for _ in range(random.randrange(5)):
        entry = bytes(random.choice([1, 2, 0]) for _ in range(NAME)) if random.random() < 0.3 else bytes([7]) * NAME
        # What continues a name does not continue one that is continued.
        more = bytes([3] * random.randrange(NAME)).ljust(ENTRY, b'\0') if random.random() < 0.4 else b''
        table += entry + random.randbytes(4) + bytes([random.choice([1, 0x12]), 0, 0, 0]) + more
    table = table[:random.choice([len(table)] * 4 + [len(table) - 2, 20])]
    return {'file': table, 'length': len(table), 'number': random.choice([0, 1, 9]), 'big': random.choice([0, 1])}


def prove_coff(proof, longest):
    """Of symbols whose names have up to so many bytes."""
    file, number = proof.file(), proof.given('number', 32)
    symbol = proof.result('execfmt_proof_symbol', 'symbol')
    rule = Rule()
    header, length = Header(rule, file), file.length
    start, some = header.word(8, 4), z3.And(header.word(8, 4) != 0, header.word(12, 4) != 0)
    rule.refuse(SYMBOL_TABLE, z3.And(some, start + SYMBOLIC_HEADER > length))
    rule.refuse(SYMBOL_TABLE, z3.And(some, header.word(start) != SYMBOLIC_MAGIC))
    of = lambda at: header.word(start + at, 4)
    table, count, strings, bytes_ = of(92), of(88), of(68), of(64)
    for place, size in (table, count * EXTERNAL), (strings, bytes_):
        rule.refuse(SYMBOL_TABLE, z3.And(some, size != 0, z3.Or(place + size > length, size >= 1 << 32)))

    def item(index):
        at = table + index * EXTERNAL
        there = z3.And(some, count > index)
        name, value, bits = (header.word(at + field, 4) for field in (4, 8, 12))
        kind = pick(header.big, bits // (1 << 26), bits % 64)
        class_ = pick(header.big, bits // (1 << 21) % 32, bits // 64 % 32)
        room, size, ended = pick(name < bytes_, bytes_ - name, 0), Whole(longest), z3.BoolVal(False)
        for k in reversed(range(longest + 1)):
            here = z3.Or(room == k, file.number(strings + name + k, 1) == 0)
            size, ended = pick(here, k, size), z3.Or(ended, here)
        proof.assumed.append(z3.Implies(z3.And(rule.accepts(), there), ended))
        return Item(z3.Not(there), offset=pick(size == 0, 0, strings + name), length=size, value=value, **{'class': kind * 256 + class_})

    first, second = item(0), item(1)
    prove_items(proof, rule, number, first, second, symbol, [[header.big], [z3.Not(header.big)]])
    proof.sample(rule, symbol_inputs, samples=40)


def symbol_inputs(random):
    found = coff_inputs(random, 2)
    file = bytearray(found['file'])
    order = 'big' if file[:2] == b'\x01\x60' else 'little'
    names, at = b'\0main\0x\0', len(file)
    count = random.choice([0, 1, 2, 3])
    table = at + SYMBOLIC_HEADER
    row = [0] * 23
    row[21], row[22], row[15], row[16] = count, table, random.choice([len(names), 3, 0]), table + EXTERNAL * count
    word = lambda value, size=4: value.to_bytes(size, order)
    file[8:12], file[12:16] = word(random.choice([at] * 5 + [0, at + 900])), word(random.choice([96, 96, 0]))
    file += word(random.choice([SYMBOLIC_MAGIC] * 5 + [0]), 2) + bytes(2) + b''.join(map(word, row))
    for _ in range(count):
        file += bytes(4) + b''.join(map(word, (random.choice([0, 1, 6, 8, 90]), random.getrandbits(32), random.getrandbits(32))))
    file += names
    file = file[:random.choice([len(file)] * 5 + [len(file) - 1, len(file) - 9])]
    return {'file': bytes(file), 'length': len(file), 'number': random.choice([0, 1])}
