"""Makes the NOFF vectors from the reference model: run with PYTHONPATH set to the folder of models.

verdicts.tsv: layout (0 = let the file decide), file (hex), and what the model says of it: "bad", or layout, byte order and
virtualAddr:inFileAddr:size of every segment. The files are built and damaged here, with a fixed seed.
"""
import random
import struct

import noff

rnd = random.Random(0x0BADFAD)
NASTY = [0, 1, 15, 16, 40, 52, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF]


def good():
    layout, order = rnd.choice([3, 4]), rnd.choice("<>")
    segs, at = {}, 0
    for name in noff.NAMES[layout]:
        size = rnd.choice([0, 4, 16, 33])
        segs[name] = (at, size if name == "uninitData" else rnd.randbytes(size))
        at += size + rnd.choice([0, 0, 7])
    return noff.build(layout, segs, order)


def damage(data):
    data = bytearray(data)
    for _ in range(rnd.randrange(3)):
        at = rnd.randrange(13) * 4
        if at + 4 <= len(data):
            data[at:at + 4] = struct.pack(rnd.choice("<>") + "I", rnd.choice(NASTY))
    if rnd.random() < 0.2:
        del data[rnd.randrange(len(data)):]
    return bytes(data)


def verdict(data, layout):
    try:
        count, order, segs = noff.parse(data, layout or None)
    except noff.Bad:
        return "bad"
    return " ".join([str(count), order] + ["%d:%d:%d" % tuple(segs[name]) for name in noff.NAMES[count]])


with open("verdicts.tsv", "w") as out:
    out.write("# layout\tfile (hex)\tverdict of the reference model\n")
    for _ in range(600):
        data, layout = damage(good())[:72], rnd.choice([0, 0, 3, 4])
        out.write("%d\t%s\t%s\n" % (layout, data.hex(), verdict(data, layout)))
