"""Feeds recipes and images to the reference model, one request after the other, for tests/differential.

Request: a line `RECIPE n`, then n lines; or `READ n`, then n bytes.
Reply: lines `TEXT ...` and `FILE n` followed by n bytes, up to a line `END`.
The model leaves a half-changed tree after a failed call; here it is restored, and the recipe continues.
"""
import sys

sys.path.insert(0, sys.argv[1])
import coyimg  # noqa: E402

Image, Err = coyimg.Image, coyimg.Err
running = False
lookups = 0


def snapshot(image):
    gpts = [(g.l2v, g.ha, g.bg, [c.copy() for c in g.cap]) for g in image.gpt]
    return gpts, {name: list(getattr(image, name)) for name in ("page", "gpt", "alloc")}


def restore(image, saved):
    gpts, lists = saved
    for name, items in lists.items():
        getattr(image, name)[:] = items
    for gpt, (l2v, ha, bg, caps) in zip(image.gpt, gpts):
        gpt.l2v, gpt.ha, gpt.bg, gpt.cap = l2v, ha, bg, caps


def atomic(call):
    def wrapped(image, *args):
        global running
        if running:
            return call(image, *args)
        saved, running = snapshot(image), True
        try:
            return call(image, *args)
        except RecursionError:
            restore(image, saved)
            raise Err("TooDeep") from None
        except AssertionError:
            restore(image, saved)
            raise Err("Assert") from None
        except Err:
            restore(image, saved)
            raise
        finally:
            running = False

    return wrapped


def bounded(call):
    def wrapped(image, *args):
        global lookups
        lookups = 0
        return call(image, *args)

    return wrapped


def counted(call):
    def wrapped(image, *args):
        global lookups
        lookups += 1
        if lookups > 5000:
            raise Err("TooDeep")
        return call(image, *args)

    return wrapped


def telling(call):
    def wrapped(image, *args):
        try:
            return call(image, *args)
        except Err as error:
            error.kind = str(error)
            raise

    return wrapped


for name in ("add", "guarded", "elf"):
    setattr(Image, name, atomic(getattr(Image, name)))
Image.leaf = bounded(Image.leaf)
Image.get_gpt = counted(Image.get_gpt)
for name in ("add", "guarded"):
    setattr(Image, name, bounded(getattr(Image, name)))
Image.validate = telling(Image.validate)

source, sink = sys.stdin.buffer, sys.stdout.buffer


def text(line):
    sink.write(b"TEXT " + line.encode() + b"\n")


while True:
    request = source.readline().split()
    if not request:
        break
    kind, count = request[0], int(request[1])
    try:
        if kind == b"RECIPE":
            lines = [source.readline().decode() for _ in range(count)]
            for item in coyimg.run(lines):
                if isinstance(item, str):
                    text(item)
                else:
                    sink.write(b"FILE %d\n" % len(item[2]) + item[2])
        else:
            image = Image.read(source.read(count))
            text("read")
            image.validate()
            text("valid")
    except Err as error:
        text("EXC " + error.kind)
    except Exception as error:
        text("CRASH %s %s" % (type(error).__name__, error))
    sink.write(b"END\n")
    sink.flush()
