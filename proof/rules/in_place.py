"""Decompression of an ELKS section in place: how far apart input and output may be.

Both positions move down, the output above the input. The kernel takes the sign of their difference, in 16 bits, for whether the output
has overtaken the input: so it may be 32,767 bytes above, and no more."""
import z3

from claims import Rule

OVERTAKES, DISTANCE = 305, 306
MOST = 32767
AREA = 65536             # bytes of memory that a section has at most, with what is kept free above it


def prove(proof):
    inp, first, last = (proof.given(name, 64) for name in ('inp', 'first_out', 'last_out'))
    rule = Rule()
    rule.refuse(OVERTAKES, inp > last)
    rule.refuse(DISTANCE, z3.And(first >= inp, first - inp > MOST))
    within = z3.And(inp < AREA, first < AREA, last <= first)
    sign = lambda out: z3.Extract(15, 0, (out - inp).term) >= 0
    proof.bounds = {
        'in memory of the kernel its test, by the sign of 16 bits, passes at the item\'s first byte and at its last':
            z3.Implies(within, z3.And(sign(first), sign(last))),
    }
    proof.prove(rule, {})
    proof.sample(rule, inputs)


def inputs(random):
    inp = random.choice([0, 1, 40000, random.randrange(70000), random.getrandbits(64)])
    near = lambda: max(inp + random.choice([-1, 0, 1, 100, 32766, 32767, 32768]), 0) % (1 << 64)
    return {'inp': inp, 'first_out': near(), 'last_out': near()}
