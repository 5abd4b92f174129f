"""aout_minix::minix2::exec: what exec of Minix 2 makes of a header, as docs/ describe it.

Memory is counted in clicks. `a_total` is one word of 32 bits in the order of the file's processor, which the struct keeps as the two
words that ELKS has there."""
import z3

import cubes
from claims import E_ARGUMENT, Rule
from whole import Whole, pick

CPU, FLAGS, NO_TOTAL, HLEN, NO_ROOM = range(280, 285)
NARROW = 'version chmem minstack compr_tseg compr_dseg compr_ftseg reserved'.split()
I8086, I80386 = 0x04, 0x10
# Bits of the flags.
PAL, NSYM, EXEC, SEP = 0x02, 0x04, 0x10, 0x20


def prove(proof, bits, click):
    aout = proof.struct('execfmt_aout', 'aout')
    proof.constant(bits)
    proof.constant(click)
    layout = proof.result('execfmt_proof_minix2', 'layout')
    rule = Rule()
    type_ = aout['file_type']
    flags, cpu = type_ // 65536 % 256, type_ // (1 << 24)
    rule.refuse(E_ARGUMENT, type_ % 65536 != 0x0301)
    rule.refuse(E_ARGUMENT, z3.Or(aout['hlen'] > 0xFF, aout['reserved1'] > 0xFF, *(aout[name] > 0xFFFF for name in NARROW)))
    rule.refuse(CPU, cpu != (I8086 if bits == 16 else I80386))
    rule.refuse(FLAGS, flags & (0xFF - NSYM - EXEC - SEP) != 0)
    rule.refuse(HLEN, aout['hlen'] < 32)
    # Both processors are little-endian: the first word is the lower one.
    asked = aout['chmem'] + aout['minstack'] * 65536
    rule.refuse(NO_TOTAL, asked == 0)
    separate = flags & SEP != 0
    clicks = lambda bytes_: (bytes_ + (click - 1)) // click
    data = clicks(aout['dseg'] + aout['bseg'] + pick(separate, 0, aout['tseg']))
    text, total = pick(separate, clicks(aout['tseg']), 0), clicks(asked)
    rule.refuse(NO_ROOM, total <= data)
    proof.bounds = {
        'text and data lie in their clicks': z3.And(
            aout['dseg'] + aout['bseg'] + pick(separate, 0, aout['tseg']) <= data * click,
            z3.Or(z3.Not(separate), aout['tseg'] <= text * click)),
        'the stack has a click at least': data < total,
    }
    proof.prove(rule, {layout: {'text': text, 'data': data, 'total': total, 'gap': total - data, 'text_offset': aout['hlen']}})
    proof.sample(rule, lambda random: inputs(random, bits))


def inputs(random, bits):
    word = lambda: random.choice([0, 1, 255, 256, 257, 4096, 0xFFFF, random.getrandbits(16), random.getrandbits(32)])
    cpu = random.choice([I8086 if bits == 16 else I80386] * 6 + [0x0B])
    names = 'file_type hlen reserved1 version tseg dseg bseg entry chmem minstack syms'.split()
    values = dict.fromkeys(names, 0) | {
        'file_type': cpu << 24 | random.choice([EXEC, EXEC | SEP, SEP, PAL, 0]) << 16 | 0x0301, 'hlen': random.choice([32, 32, 48, 31]),
        'tseg': word(), 'dseg': word(), 'bseg': word(), 'chmem': word() & 0xFFFF, 'minstack': random.choice([0, 0, word() & 0xFFFF])}
    image = b''.join(values[name].to_bytes(4, 'little') for name in names)
    return {f'aout{k}': byte for k, byte in enumerate(image)}
