"""execfmt_looks_like: what a file looks like by its first four bytes, as docs/ and execfmt/base.h list it.

The kinds do not exclude each other by their bytes: the first that fits decides."""
import z3

from claims import Rule
from whole import Whole

ELF, COFF, COFF_BIG, MZ, SCRIPT, ARCHIVE, BCC_OBJECT, LINUX_AOUT, GZIP, NOFF, NOFF_BIG, COYOTOS, AOUT = range(1, 14)


def prove(proof):
    word = proof.given('first_four_bytes', 32)
    bytes_ = [word // (1 << 8 * k) % 256 for k in range(4)]

    def begins(text):
        return z3.And(*(byte == wanted for byte, wanted in zip(bytes_, text)))

    def among(byte, wanted):
        return z3.Or(*(byte == one for one in wanted))

    rule = Rule()
    for kind, when in [
        (ELF, begins(b'\x7fELF')),
        # f_magic of MIPS I to III, and fewer than 256 sections.
        (COFF, z3.And(among(word % 65536, [0x162, 0x166, 0x142]), bytes_[3] == 0)),
        (COFF_BIG, z3.And(among(bytes_[0] * 256 + bytes_[1], [0x160, 0x163, 0x140]), bytes_[2] == 0)),
        (MZ, begins(b'MZ')),
        (SCRIPT, begins(b'#!')),
        (ARCHIVE, z3.Or(begins(b'!<ar'), begins(b'!<th'))),
        (BCC_OBJECT, begins(b'\xa3\x86')),
        # OMAGIC, NMAGIC, ZMAGIC, QMAGIC, of no machine or of the 80386.
        (LINUX_AOUT, z3.And(among(word % 65536, [0o407, 0o410, 0o413, 0o314]), among(bytes_[2], [0, 100]))),
        (GZIP, begins(b'\x1f\x8b')),
        (NOFF, word == 0x00BADFAD),
        (NOFF_BIG, begins(b'\x00\xba\xdf\xad')),
        (COYOTOS, begins(b'coyi')),
        (AOUT, begins(b'\x01\x03')),
    ]:
        rule.refuse(kind, when)
    proof.prove(rule, {})
    proof.sample(rule, inputs)


def inputs(random):
    known = [b'\x7fELF', b'\x62\x01\x03\x00', b'\x01\x60\x00\x03', b'MZ', b'#!', b'!<ar', b'!<th', b'\xa3\x86', b'\x07\x01\x64\x00', b'\xcc\x00\x00\x10',
             b'\x1f\x8b', b'\xad\xdf\xba\x00', b'\x00\xba\xdf\xad', b'coyi', b'\x01\x03\x20\x04']
    start = random.choice(known)
    start += bytes(random.getrandbits(8) for _ in range(4 - len(start)))
    if random.random() < 0.3:
        at = random.randrange(4)
        start = start[:at] + bytes([random.getrandbits(8)]) + start[at + 1:]
    return {'first_four_bytes': int.from_bytes(start, 'little')}
