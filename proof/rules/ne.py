"""OS/2 NE files: the header and the segment table, and what execve of ELKS makes of them.

The kernel computes file offsets in 32 bits and takes them as signed: 2 GiB and more are past the end of every file. Its sizes
have 16 bits, in which some sums wrap; where it does so, so does the rule."""
import z3

from claims import E_ARGUMENT, Rule, read_options
from whole import Whole, pick, rounded_up, smaller

END = 7
NOT_MZ, TRUNCATED, HEADER_PAST_EOF, NOT_NE, SEGMENT_TABLE, _, RELOCATIONS_PAST_EOF = range(600, 607)
(EMPTY, ELKS_NOT_MZ, NOT_CONFIGURED, MZ_SHORT, HEADER_SHORT, ELKS_NOT_NE, TARGET_SYSTEM, PROGRAM_FLAGS, AUTO_SEGMENT, MODULES, MOVABLE,
 RESOURCES, TOO_MANY_SEGMENTS, TABLE_SHORT, SEGMENT_MEMORY, NO_BYTES, AUTO_TOO_LARGE, ENTRY_SEGMENT, SEGMENT_SHORT, RELOCATIONS_SHORT,
 RELOCATION_KIND) = range(660, 681)
MZ, NE = 0x5A4D, 0x454E
HEADER, ENTRY, RECORD = 64, 8, 8
DATA, RELOCATIONS = 1, 0x100
ELKS, OS2 = 256, 1
MOST = 5                 # segments
DEFAULT, LEAST_ARGUMENTS = 4096, 10
ALL = 0xFFFF             # of heap: as much as there is


class Header:
    """The numbers of the NE header of a file, wherever it is."""

    def __init__(self, file):
        self.file, self.length = file, file.length
        self.position = file.number(0x3C, 4)
        at = lambda offset, count=2: file.number(self.position + offset, count)
        self.magic = at(0)
        self.program_flags, self.application_flags, self.target_os = at(0x0C, 1), at(0x0D, 1), at(0x36, 1)
        self.auto, self.heap, self.stack, self.ip, self.cs, self.sp, self.ss = (at(0x0E + 2 * k) for k in range(7))
        self.segments, self.modules, table = at(0x1C), at(0x1E), at(0x22)
        self.movable, self.shift, self.resources = at(0x30), at(0x32), at(0x34)
        self.table = (self.position + table) % (1 << 32)

    def left(self, offset):
        """The bytes of the file from an offset on."""
        return pick(z3.And(offset < 1 << 31, offset <= self.length), self.length - offset, 0)

    def has_table(self):
        return self.segments * ENTRY <= self.left(self.table)

    def system(self):
        alone = z3.And(self.modules == 0, self.movable == 0, self.resources == 0)
        return pick(z3.And(self.target_os == 1, alone), ELKS, self.target_os)


class Segment:
    """The entry of a segment, numbered from 1."""

    def __init__(self, header, number):
        self.header, self.number = header, number
        self.entry = header.table + (number - 1) * ENTRY
        offset, self.size, self.flags, self.min_alloc = (header.file.number(self.entry + 2 * k, 2) for k in range(4))
        # Shifted in 32 bits, by the shift modulo 32.
        self.offset = Whole(z3.Extract(31, 0, offset.term) << z3.Extract(31, 0, (header.shift % 32).term))
        self.data, self.auto = self.flags % 2 == DATA, header.auto == number
        self.relocated = self.flags // RELOCATIONS % 2 == 1
        self.available = smaller(self.size, header.left(self.offset))
        # What follows the bytes: a count and so many records.
        self.rest = pick(header.left(self.offset) >= self.size, header.left(self.offset) - self.size, 0)
        self.records = header.file.number(self.offset + self.size, 2)

    def kind(self):
        return pick(self.auto, pick(self.data, 2, 3), pick(self.data, 1, 0))


def parse_rule(rule, file):
    header = Header(file)
    rule.refuse(TRUNCATED, file.length < 2)
    rule.refuse(NOT_MZ, file.number(0, 2) != MZ)
    rule.refuse(TRUNCATED, file.length < HEADER)
    left = header.left(header.position)
    rule.refuse(HEADER_PAST_EOF, left < 2)
    rule.refuse(NOT_NE, header.magic != NE)
    rule.refuse(TRUNCATED, left < HEADER)
    rule.refuse(SEGMENT_TABLE, z3.Not(header.has_table()))
    return header


def prove_parse(proof):
    file = proof.file()
    ne, finding = proof.result('execfmt_ne', 'ne'), proof.result('execfmt_finding', 'finding')
    rule = Rule()
    it = parse_rule(rule, file)
    numbers = {
        'position': it.position, 'system': it.system(), 'target_os': it.target_os, 'program_flags': it.program_flags,
        'application_flags': it.application_flags, 'segment_count': it.segments, 'auto_data_segment': it.auto, 'entry_segment': it.cs,
        'entry': it.ip, 'heap': it.heap, 'stack': it.stack, 'stack_segment': it.ss, 'stack_pointer': it.sp, 'segment_table': it.table,
        'shift': it.shift, 'module_count': it.modules, 'movable_count': it.movable, 'resource_count': it.resources,
    }
    proof.bounds = {
        'header and segment table lie within the file':
            z3.And(it.position + HEADER <= file.length, z3.Or(it.segments == 0, it.table + it.segments * ENTRY <= file.length)),
    }
    proof.prove(rule, {ne: numbers}, cases=([],))
    proof.sample(rule, inputs, samples=40)


def prove_segment(proof):
    file = proof.file()
    number = proof.given('number', 32)
    result = proof.result('execfmt_ne_segment', 'segment')
    rule = Rule()
    header = parse_rule(rule, file)
    rule.refuse(END, z3.Or(number == 0, number > header.segments))
    it = Segment(header, number)
    numbers = {
        'entry_offset': it.entry, 'number': number, 'kind': it.kind(), 'flags': it.flags, 'file_offset': it.offset, 'size': it.size,
        'available': it.available, 'min_alloc': it.min_alloc,
        'relocation_count': pick(z3.And(it.relocated, it.rest >= 2), it.records, 0),
    }
    proof.bounds = {
        'the entry lies within the file': it.entry + ENTRY <= file.length,
        'what is available lies within the file': z3.Or(it.available == 0, it.offset + it.available <= file.length),
    }
    proof.prove(rule, {result: numbers}, cases=([],))
    proof.sample(rule, inputs, samples=40)


def prove_relocations(proof):
    """The first relocation of a segment of any number, what its reader is left with, and whether there is a second one: of what is
    left it goes on in the same way."""
    file = proof.file()
    number = proof.given('number', 32)
    result = proof.result('execfmt_proof_ne_relocation', 'relocation')
    rule = Rule()
    header = parse_rule(rule, file)
    rule.refuse(E_ARGUMENT, z3.Or(number == 0, number > header.segments))
    it = Segment(header, number)
    rule.refuse(END, z3.Not(it.relocated))
    rule.refuse(RELOCATIONS_PAST_EOF, it.rest < 2)
    rule.refuse(END, it.records == 0)
    rule.refuse(RELOCATIONS_PAST_EOF, it.rest < 2 + RECORD)
    first = it.offset + it.size + 2
    at = lambda offset, size: file.number(first + offset, size)
    there = it.rest >= 2 + 2 * RECORD
    numbers = {
        'offset': first, 'next': first + RECORD, 'left': it.records - 1, 'source_type': at(0, 1), 'flags': at(1, 1), 'source_offset': at(2, 2),
        'target_segment': at(4, 1), 'target_offset': at(6, 2), 'known': pick(known(at(0, 1), at(1, 1)), 1, 0),
        'second': pick(it.records == 1, END, pick(there, 0, RELOCATIONS_PAST_EOF)),
    }
    proof.bounds = {'the record lies within the file': first + RECORD <= file.length}
    proof.prove(rule, {result: numbers}, cases=([],))
    proof.sample(rule, inputs, samples=40)


def known(source, flags):
    """Whether ELKS has relocations of this kind."""
    return z3.And(flags % 4 == 0, z3.Or(z3.And(source == 2, flags // 4 % 2 == 0), source == 3))


def prove_layout(proof, most, records):
    """Of files with at most so many segments, or with more than ELKS takes, whose segments have at most so many relocations each."""
    file = proof.file()
    options = proof.struct('execfmt_ne_options', 'options')
    result, finding = proof.result('execfmt_elks_ne_layout', 'layout'), proof.result('execfmt_finding', 'finding')
    rule = Rule()
    read_options(proof, rule, options)
    given = options['argument_bytes']
    rule.refuse(E_ARGUMENT, z3.Or(options['without'] > 1, options['protected_mode'] > 1, given > 0xFFFF))
    arguments = pick(given == 0, LEAST_ARGUMENTS, given)
    numbers, bounds, segments = elks(rule, file, options['without'], arguments, most, records)
    count = segments[0].header.segments
    proof.assumed.append(z3.Or(count <= most, count > MOST))
    for segment in segments:
        proof.assumed.append(z3.Or(z3.Not(segment.relocated), segment.rest < 2, segment.records <= records))
    proof.bounds = bounds
    proof.prove(rule, {result: numbers})
    proof.sample(rule, lambda random: inputs(random, most, records), samples=40)


def elks(rule, file, without, arguments, most, records):
    it = Header(file)
    rule.refuse(EMPTY, file.length < 2)
    rule.refuse(ELKS_NOT_MZ, file.number(0, 2) != MZ)
    rule.refuse(NOT_CONFIGURED, without == 1)
    rule.refuse(MZ_SHORT, file.length < HEADER)
    left = it.left(it.position)
    rule.refuse(HEADER_SHORT, left < 2)
    rule.refuse(ELKS_NOT_NE, it.magic != NE)
    rule.refuse(HEADER_SHORT, left < HEADER)
    rule.refuse(TARGET_SYSTEM, it.target_os != 1)
    rule.refuse(PROGRAM_FLAGS, it.program_flags % 32 != 2)
    rule.refuse(AUTO_SEGMENT, z3.Or(it.auto < 1, it.auto > it.segments))
    rule.refuse(MODULES, it.modules != 0)
    rule.refuse(MOVABLE, it.movable != 0)
    rule.refuse(RESOURCES, it.resources != 0)
    rule.refuse(TOO_MANY_SEGMENTS, it.segments > MOST)
    rule.refuse(TABLE_SHORT, z3.Not(it.has_table()))
    heap, stack = (pick(asked == 0, DEFAULT, asked) for asked in (it.heap, it.stack))
    counted = pick(heap == ALL, 1, heap)
    paragraphs = lambda bytes_: (bytes_ + 15) % 65536 // 16
    segments, total, length, enddata = [], Whole(0), Whole(0), Whole(0)
    numbers = {f'segments[{k}].{name}': Whole(0) for k in range(MOST) for name in ('kind', 'paras', 'size', 'min_alloc')}
    bounds = []
    for k in range(most):
        there, segment = it.segments > k, Segment(it, k + 1)
        segments.append(segment)
        refuse = lambda status, when: rule.refuse(status, z3.And(there, when))
        own = paragraphs(segment.min_alloc)
        refuse(SEGMENT_MEMORY, own == 0)
        refuse(NO_BYTES, segment.size == 0)
        with_heap = own + paragraphs(stack + arguments + counted)
        refuse(AUTO_TOO_LARGE, z3.And(segment.auto, with_heap >= 0x1000))
        memory = pick(segment.auto, pick(heap == ALL, 0xFFF, with_heap), own)
        total = total + pick(there, memory, 0)
        mine = z3.And(there, segment.auto)
        length, enddata = pick(mine, memory * 16, length), pick(mine, segment.min_alloc, enddata)
        for name, number in {'kind': segment.kind(), 'paras': memory, 'size': segment.size, 'min_alloc': segment.min_alloc}.items():
            numbers[f'segments[{k}].{name}'] = pick(there, number, 0)
        bounds.append(z3.Or(z3.Not(there), z3.And(segment.min_alloc <= memory * 16, segment.offset + segment.size <= file.length)))
    rule.refuse(ENTRY_SEGMENT, z3.Or(it.cs < 1, it.cs > it.segments))
    for k, segment in enumerate(segments):
        there = it.segments > k
        refuse = lambda status, when: rule.refuse(status, z3.And(there, when))
        refuse(SEGMENT_SHORT, segment.available < segment.size)
        refuse(RELOCATIONS_SHORT, z3.And(segment.relocated, segment.rest < 2))
        for record in range(records):
            here = z3.And(segment.relocated, segment.records > record)
            at = segment.offset + segment.size + 2 + RECORD * record
            source, flags = file.number(at, 1), file.number(at + 1, 1)
            refuse(RELOCATIONS_SHORT, z3.And(here, segment.rest < 2 + RECORD * (record + 1)))
            refuse(RELOCATION_KIND, z3.And(here, z3.Not(known(source, flags))))
    pointer, brk = (length - arguments) % 65536 // 2 * 2, (enddata + 1) % 65536 // 2 * 2
    below = pick(pointer > stack, pointer - stack, 0)
    numbers |= {
        'segment_count': it.segments, 'total_paras': total, 'data_len': length, 'minstack': stack, 't_enddata': enddata,
        't_endseg': length, 'begstack': pointer, 'endbrk': brk, 'heap': pick(below > brk, below - brk, 0), 'entry': it.ip,
        'entry_segment': it.cs, 'auto_data_segment': it.auto,
    }
    return numbers, {
        'the memory of every segment holds its min_alloc bytes, and its bytes lie within the file': z3.And(*bounds),
        'the auto data segment has at most 65520 bytes, a multiple of 16': z3.And(length <= 65520, length % 16 == 0, length != 0),
    }, segments


RESIDENT, NON_RESIDENT = 0, 1
NAME = 256               # bytes of the array for a name and its NUL


def prove_name(proof, longest):
    """The first name of a table that begins anywhere. So every name is read: what the reader keeps is where it is, and what is left
    of the table. Names with more than `longest` bytes are left out."""
    file = proof.file()
    cursor = proof.struct('execfmt_ne_cursor', 'cursor', writable=True)
    name = proof.result('execfmt_ne_name', 'name')
    rule = Rule()
    header = parse_rule(rule, file)
    word = lambda at, count=2: file.number(header.position + at, count)
    table, offset = cursor['table'], cursor['offset']
    rule.refuse(E_ARGUMENT, table > NON_RESIDENT)
    resident = table == RESIDENT
    proof.assumed.append(offset == 0)
    at = pick(resident, (header.position + word(0x26)) % (1 << 32), word(0x2C, 4))
    size = pick(resident, header.left(at), smaller(header.left(at), word(0x20)))
    length = file.number(at, 1)
    # Where there is a length byte.
    proof.assumed.append(z3.Implies(z3.And(rule.accepts(), size != 0), length <= longest))
    rule.refuse(END, z3.Or(size == 0, length == 0, 1 + length + 2 > size))
    end = at + length + 3
    rule.refuse(END, end > 0xFFFFFFFF)
    bytes_ = {f'name[{k}]': pick(length > k, file.number(at + 1 + k, 1), 0) if k < longest else Whole(0) for k in range(NAME)}
    numbers = {'ordinal': file.number(at + 1 + length, 2), 'name_length': length} | bytes_
    index = pick(cursor['index'] == 0xFFFFFFFF, cursor['index'], cursor['index'] + 1)
    proof.bounds = {
        'the name lies within the file, and the next one after it': z3.And(end <= file.length, end > at),
        'the name ends with a NUL': length < NAME,
    }
    kinds = [[table > NON_RESIDENT], [resident], [table == NON_RESIDENT]]
    proof.prove(rule, {cursor: {'table': table, 'index': index, 'offset': end}, name: numbers}, cases=([],), kinds=kinds)
    proof.sample(rule, name_inputs, samples=40)


def name_inputs(random):
    position = random.choice([64, 80])
    names = [bytes(random.choice(b'\x01\x02\x07') for _ in range(random.choice([1, 2, 4]))) for _ in range(random.randrange(3))]
    table = b''.join(bytes([len(name)]) + name + random.randrange(9).to_bytes(2, 'little') for name in names)
    table += b'' if random.random() < 0.2 else bytes(1)
    at = position + HEADER
    header = bytearray(b'NE'.ljust(HEADER, b'\0'))
    header[0x26:0x28] = HEADER.to_bytes(2, 'little')
    header[0x20:0x22] = random.choice([len(table), 3, 0, 0xFFFF]).to_bytes(2, 'little')
    header[0x2C:0x30] = random.choice([at, at, at + 1, 1 << 31]).to_bytes(4, 'little')
    file = (b'MZ' + bytes(0x3A) + position.to_bytes(4, 'little')).ljust(position, b'\0') + header + table
    row = [random.choice([0, 0, 1, 1, 2]), random.choice([0, 3, 0xFFFFFFFF]), 0]
    cursor = b''.join(number.to_bytes(4, 'little') for number in row)
    return {'file': file, 'length': len(file)} | {f'cursor{k}': byte for k, byte in enumerate(cursor)}


def inputs(random, most=MOST, records=2):
    word = lambda: random.choice([0, 1, 16, 100, 4096, 0xFFF0, 0xFFFF, random.getrandbits(16)])
    position = random.choice([64, 64, 80, 128, 0])
    count = random.choice([*range(1, most + 1), MOST + 1])
    shift = random.choice([0, 4, 9, 32])
    align = 1 << shift % 32
    start = rounded_up_to(position + HEADER + ENTRY * count, align)
    table, body, at = b'', b'', start
    for k in range(count):
        size, relocated = random.choice([1, 20, 100, 0] if random.random() < 0.2 else [1, 20, 100]), random.random() < 0.4
        flags = (DATA if k == count - 1 else 0) | (RELOCATIONS if relocated else 0)
        memory = random.choice([size, size + 5, 4000]) if random.random() < 0.9 else word()
        here = bytes(size)
        if relocated:
            n = random.randrange(records + 1)
            here += n.to_bytes(2, 'little')
            for _ in range(n):
                here += bytes([random.choice([2, 3, 3, 5]) if random.random() < 0.3 else 3, random.choice([0, 0, 0, 4, 1]), 0, 0, 1, 0, 0, 0])
        table += b''.join(n.to_bytes(2, 'little') for n in (at // align & 0xFFFF, size, flags, memory))
        here += bytes(-len(here) % align)
        body, at = body + here, at + len(here)
    words = [0x0202 if random.random() < 0.9 else word(), random.choice([count] * 5 + [0, count + 1]), random.choice([0, 100, 0xFFFF, word()]),
             random.choice([0, 200, word()]), word(), random.choice([1, count, 1, 0, 9]), 0, 0, count, 0, 0, HEADER]
    header = b'NE' + bytes(10) + b''.join(n.to_bytes(2, 'little') for n in words)
    header = header.ljust(0x32, b'\0') + shift.to_bytes(2, 'little') + bytes(2) + bytes([random.choice([1] * 9 + [2])])
    header = header.ljust(HEADER, b'\0')
    if random.random() < 0.2:
        at = random.randrange(HEADER)
        header = header[:at] + bytes([random.getrandbits(2)]) + header[at + 1:]
    stub = (b'MZ' + bytes(0x3A) + position.to_bytes(4, 'little')).ljust(position, b'\0')
    file = stub[:position] + header if position else b'MZ' + header[2:0x3C] + bytes(4)
    file = (file + table).ljust(start, b'\0') + body
    file = file[:random.choice([len(file)] * 8 + [len(file) - 1, len(file) - 9, 50, 70, position + 70])]
    options = [16, random.choice([0] * 9 + [1]), random.choice([0, 1]), random.choice([0, 0, 40, word()])]
    options = b''.join(n.to_bytes(4, 'little') for n in options)
    return ({'file': file, 'length': len(file), 'number': random.choice([1, 1, 2, count, count + 1, 0])}
            | {f'options{k}': byte for k, byte in enumerate(options)})


def rounded_up_to(value, size):
    return (value + size - 1) // size * size
