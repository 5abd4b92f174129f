"""execfmt_aout_elks_layout: what execve of ELKS makes of a header.

The rule is written from the description of the kernel in docs/, in whole numbers that cannot wrap, where kernel and library
work in 16 bits."""
import z3

from claims import E_ARGUMENT, E_LENGTH, Rule, read_options
from whole import Whole, larger, little, pick, rounded_up, smaller

ENOEXEC, EINVAL, EFBIG, E2BIG = 8, 22, 27, 7
SEGMENT = 65535          # bytes of a segment
DEFAULT = 4096           # bytes of heap and of stack, where a header asks for 0
LEAST_ARGUMENTS = 10     # bytes of the smallest argument block that execve passes
ALL = 0xFFF0             # a heap from here on is all that fits


def prove(proof):
    prefix = proof.bytes('header', 64)
    length = proof.given('length', proof.bits)
    prefix.used = smaller(length, 64)
    options = proof.struct('execfmt_elks_options', 'options')
    layout = proof.result('execfmt_elks_layout', 'layout')
    finding = proof.result('execfmt_finding', 'finding')
    rule = Rule()
    read_options(proof, rule, options)
    given = options['argument_bytes']
    arguments = pick(given == 0, LEAST_ARGUMENTS, given)
    rule.refuse(E_ARGUMENT, z3.Or(options['without'] > 3, arguments > SEGMENT))
    rule.refuse(E_LENGTH, length >= 1 << proof.bits - 1)
    numbers = elks(rule, prefix.cells, length, options['without'], arguments)
    data, pointer, brk = numbers['data_len'], numbers['begstack'], numbers['endbrk']
    proof.bounds = {
        'data_len is a multiple of 16 up to 65520': z3.And(data % 16 == 0, data <= 65520, data == numbers['t_endseg']),
        'the bss ends within the data segment': numbers['t_enddata'] <= data,
        'stack pointer and arguments lie within the data segment': pointer + arguments <= data,
        'the break lies within the data segment': brk <= data,
        'heap and stack fill what lies between break and stack pointer':
            z3.Or(numbers['heap'] == 0, brk + numbers['heap'] + numbers['minstack'] == pointer),
        'the text takes at most 8193 paragraphs and holds the far text':
            z3.And(numbers['text_paras'] <= 8193, numbers['far_text_para'] <= numbers['text_paras']),
    }
    refused = z3.UGE(rule.status(), 250)
    proof.prove(rule, {layout: numbers})
    proof.claim('the finding of a refusal has its status', refused, proof.stored(finding, 'status') != proof.status)
    proof.sample(rule, inputs)


def elks(rule, header, length, without, arguments):
    """Adds what is refused to a rule; the numbers of the layout where nothing is."""
    byte, word, long = (lambda at, n=n: little(header, at, n) for n in (1, 2, 4))
    no = lambda number, when, among=True: rule.refuse(250 + number, z3.And(among, when))
    no(1, length < 2)
    no(0, z3.Or(byte(0) != 1, byte(1) != 3))
    no(1, length < 32)
    no(2, z3.Or(byte(3) != 4, z3.And(byte(2) != 0x30, byte(2) != 0x20)))
    hlen, version, text, data, bss = byte(4), word(6), word(8), word(12), word(16)
    asked, stack = word(24), word(26)
    no(3, text == 0)
    least = data + bss
    no(4, least > SEGMENT)
    extended, full = hlen != 0x20, hlen == 0x40
    no(5, z3.And(hlen != 0x30, hlen != 0x40), extended)
    no(6, without % 2 == 1, extended)
    no(7, length < hlen, extended)
    no(8, long(40) != 0, extended)
    no(9, word(44) != 0, extended)
    packed = z3.And(full, z3.Or(word(56) != 0, word(60) != 0))
    no(10, z3.And(z3.Or(packed, word(58) != 0), without >= 2), full)
    far_text = pick(full, word(48), 0)

    one, zero = version == 1, version == 0
    no(11, z3.Not(extended), z3.Not(z3.Or(one, zero)))
    no(12, True, z3.Not(z3.Or(one, zero)))
    # Version 1: heap and stack each by its own field.
    reserved = pick(stack == 0, DEFAULT, stack)
    heap = pick(asked == 0, DEFAULT, asked)
    no(13, least + reserved > SEGMENT, one)
    no(14, least + reserved + arguments > SEGMENT, one)
    used = least + reserved + arguments
    length_1 = pick(heap >= ALL, larger(used, ALL), used + heap)
    no(15, length_1 > SEGMENT, one)
    # Version 0 with a total.
    total = z3.And(zero, asked != 0)
    no(16, asked <= least, total)
    no(17, asked - least < arguments, total)
    # Version 0 without one.
    neither = z3.And(zero, asked == 0)
    length_0 = least + 2 * DEFAULT + arguments
    no(15, least + 2 * DEFAULT > SEGMENT, neither)
    no(14, length_0 > SEGMENT, neither)

    size = rounded_up(pick(one, length_1, pick(total, asked, length_0)), 16)
    no(18, size > SEGMENT)
    reserved = pick(one, reserved, pick(total, 0, DEFAULT))
    far = rounded_up(text, 16) // 16
    pointer, brk = (size - arguments) // 2 * 2, rounded_up(least, 2)
    return {
        'text_paras': far + pick(packed, 1, 0) + rounded_up(far_text, 16) // 16,
        'far_text_para': far, 'data_len': size, 't_endseg': size, 'minstack': reserved, 't_enddata': least,
        'begstack': pointer, 'endbrk': brk, 'entry': word(20),
        'heap': pick(pointer > reserved + brk, pointer - reserved - brk, 0),
    }


def inputs(random):
    word = lambda: random.choice([0, 1, 15, 16, 4096, 0x7FFF, 0x8000, 0xFFEF, 0xFFF0, 0xFFFF, random.getrandbits(16), random.getrandbits(8)])
    header = bytearray([1, 3, 0x30, 4, random.choice([0x20, 0x30, 0x40]), 0, random.choice([0, 1, 1]), 0])
    for number in [word(), 0, word(), 0, word(), 0, word(), 0, word(), word(), 0, 0]:
        header += number.to_bytes(2, 'little')
    header += bytes(16) + b''.join(word().to_bytes(2, 'little') for _ in range(8))
    found = {f'header{k}': value for k, value in enumerate(header)}
    found['length'] = random.choice([64, 64, 48, 63, 32])
    options = random.choice([12, 12, 12, 12, 0, 8]).to_bytes(4, 'little') + random.choice([0, 0, 1, 2, 3]).to_bytes(4, 'little') + random.choice([0, 10, 11, word()]).to_bytes(4, 'little')
    return found | {f'options{k}': value for k, value in enumerate(options)}
