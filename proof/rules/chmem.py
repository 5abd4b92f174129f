"""execfmt_aout_chmem: heap and stack of a header, as ELKS' chmem sets them.

A header keeps heap and stack in 16 bits; data, bss and, without separate I/D, text count against a segment of 65,520 bytes."""
import z3

from claims import E_ARGUMENT, Rule
from whole import Whole, pick

KEEP = 0xFFFFFFFF
HEADER, HEAP, STACK, TOTAL, NO_HEAP = 220, 221, 222, 223, 224
DEFAULT = 4096
MOST = 0xFFF0            # of a data segment, and of a stack; a heap from here on is all that fits
ARGUMENTS = 128          # kept free where a heap is cut
NARROW = 'version chmem minstack compr_tseg compr_dseg compr_ftseg reserved'.split()
SEPARATE = 0x20


def prove(proof):
    aout = proof.struct('execfmt_aout', 'aout', writable=True)
    heap, stack = proof.given('heap', 32), proof.given('stack', 32)
    truncated = proof.result(4, 'truncated_to')

    rule = Rule()
    rule.refuse(E_ARGUMENT, aout['file_type'] & 0xFFFF != 0x0301)
    rule.refuse(E_ARGUMENT, z3.Or(aout['hlen'] > 0xFF, aout['reserved1'] > 0xFF, *(aout[name] > 0xFFFF for name in NARROW)))
    rule.refuse(HEADER, z3.Or(aout['hlen'] < 32, aout['version'] > 1))
    version_0 = aout['version'] == 0
    separate = (aout['file_type'] & SEPARATE << 16) != 0
    parts = pick(separate, 0, aout['tseg']), aout['bseg'], aout['dseg']
    proof.engine.sums.name(*(part.term for part in parts))
    data = sum(parts, Whole(0))
    rule.refuse(HEAP, z3.And(heap != KEEP, heap > 0xFFFF))
    # What a header of version 0 asks for includes data and bss.
    total = z3.And(heap == KEEP, version_0, aout['chmem'] != 0)
    rule.refuse(TOTAL, z3.And(total, aout['chmem'] <= data))
    heap = pick(heap != KEEP, heap, pick(total, aout['chmem'] - data, aout['chmem']))
    stack = pick(stack != KEEP, stack, pick(version_0, 0, aout['minstack']))
    rule.refuse(STACK, stack > MOST)
    asked_heap, asked_stack = (pick(value == 0, DEFAULT, value) for value in (heap, stack))
    taken = data + asked_stack
    cut = z3.And(asked_heap < MOST, taken + asked_heap > MOST)
    least = pick(data == 0, 1, data)
    left = MOST - ARGUMENTS - taken
    rule.refuse(NO_HEAP, z3.And(cut, z3.Or(taken + ARGUMENTS > MOST, left < least)))
    new_heap = pick(cut, left, heap)

    _, members = proof.engine.program.structs['execfmt_aout']
    numbers = {name: aout[name] for name in members} | {'version': Whole(1), 'chmem': new_heap, 'minstack': stack}
    proof.bounds = {
        'a heap that was cut fits with data and stack': z3.Or(z3.Not(cut), taken + new_heap + ARGUMENTS <= MOST),
        'heap and stack fit the header\'s 16 bits': z3.And(new_heap <= 0xFFFF, stack <= 0xFFFF),
    }
    proof.prove(rule, {aout: numbers, truncated: {'': pick(cut, left, 0)}})
    proof.sample(rule, inputs)


def inputs(random):
    word = lambda: random.choice([0, 1, 4096, 30000, 0x7FFF, 0xFFEF, 0xFFF0, 0xFFFF, random.getrandbits(16), random.getrandbits(13)])
    names = 'file_type hlen reserved1 version tseg dseg bseg entry chmem minstack syms'.split()
    values = dict.fromkeys(names, 0) | {
        'file_type': random.choice([0x04300301, 0x04200301, 0x04100301, 0x04200302]), 'hlen': random.choice([32, 48, 64, 31]),
        'version': random.choice([0, 1, 1, 2]), 'tseg': word(), 'dseg': word() // 2, 'bseg': word() // 3, 'chmem': word(), 'minstack': word()}
    image = b''.join(values[name].to_bytes(4, 'little') for name in names)
    given = lambda: random.choice([KEEP, 0, word(), word(), 0x10000])
    return {f'aout{k}': byte for k, byte in enumerate(image)} | {'heap': given(), 'stack': given()}
