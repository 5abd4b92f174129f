"""Whatever the bytes and the arguments are, only the documented exceptions are raised."""

from __future__ import annotations

import pickle
import random
import threading
from typing import Any

import execfmt
import pytest
from conftest import ROOT, SAMPLES

SEED = 2026
CASES = 20_000

OPTIONS: list[dict[str, Any]] = [
    {},
    {"kernel": "nachos3"},
    {"kernel": "nachos5j"},
    {"kernel": "elks"},
    {"kernel": "minix2"},
    {"layout": 4, "page_size": 4096, "stack_size": 65536},
    {"args": 512, "rules": "reference", "packing": "native-big-endian", "max_inflated": 100_000},
]


def mutated(random_numbers: random.Random, file: bytes) -> bytes:
    """A file with a few bytes changed, cut short, or with a run of it repeated."""
    bytes_ = bytearray(file)
    for _ in range(random_numbers.randint(1, 6)):
        where = random_numbers.randrange(len(bytes_) + 1)
        kind = random_numbers.randrange(4)
        if kind == 0:
            bytes_[where : where + 1] = random_numbers.randbytes(1)
        elif kind == 1:
            bytes_[where : where + 4] = random_numbers.choice([b"\0" * 4, b"\xff" * 4, b"\xff\xff\xff\x7f", b"\0\0\0\x80"])
        elif kind == 2:
            del bytes_[where:]
        else:
            bytes_[where:where] = bytes_[: random_numbers.randrange(64)]
    return bytes(bytes_)


def test_mutations_raise_what_is_documented() -> None:
    print(f"seed {SEED}, {CASES} cases")
    random_numbers = random.Random(SEED)
    files = [path.read_bytes() for path in SAMPLES if path.stat().st_size < 40_000]
    outcomes = {"loaded": 0, "converted": 0, "refused": 0, "accepted": 0}
    for _ in range(CASES):
        file = mutated(random_numbers, random_numbers.choice(files))
        options = random_numbers.choice(OPTIONS)
        execfmt.info(file, **options)
        outcomes["accepted"] += execfmt.check(file, **options).accepted
        target = random_numbers.choice(["noff", "flat", "coff", "elks", "os2-ne", "coyotos", "elf"])
        place: dict[str, Any] = random_numbers.choice([{"cs": 0x1000, "ds": 0x3000}, {"at": [0x1000, 0x3000]}])
        try:
            execfmt.convert(file, to=target)  # type: ignore[arg-type]
            outcomes["converted"] += 1
        except execfmt.RefusedError as error:
            outcomes["refused"] += 1
            assert str(error).isprintable()
        try:
            execfmt.load(file, **options, **place)
            outcomes["loaded"] += 1
        except execfmt.Error as error:
            assert str(error).isprintable()
    print(outcomes)
    assert min(outcomes.values()) > CASES // 100, outcomes


def test_a_refusal_has_the_finding() -> None:
    demo = (ROOT / "testdata/noff/demo.noff").read_bytes()
    with pytest.raises(execfmt.RefusedError) as refusal:
        execfmt.load(demo[:700])
    finding = refusal.value.finding
    assert finding is not None
    # 700 bytes hold 660 of the 704 that the header promises at byte 40.
    assert (finding.field, finding.offset, finding.found, finding.severity) == ("code.size", 12, 704, "error")
    assert str(refusal.value) == finding.message
    assert pickle.loads(pickle.dumps(refusal.value)).findings == refusal.value.findings
    with pytest.raises(execfmt.RefusedError) as refusal:
        execfmt.convert(demo[:700], to="coff")
    assert refusal.value.finding == finding


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"kernel": "nachos9"}, "invalid value 'nachos9' for '--for <KERNEL>'"),
        ({"layout": 5}, "expected 3 or 4"),
        ({"page_size": 100}, "expected a power of two"),
        ({"stack_size": -1}, "invalid value '-1'"),
        ({"kernel": "a\x1b[31m"}, "invalid value 'a\\u{1b}[31m'"),
    ],
)
def test_arguments_that_are_not_understood(options: dict[str, Any], said: str) -> None:
    with pytest.raises(execfmt.UsageError) as error:
        execfmt.info(b"", **options)
    assert said in str(error.value) and str(error.value).isprintable(), str(error.value)
    assert isinstance(error.value, ValueError)


def test_arguments_of_the_wrong_type() -> None:
    program = (ROOT / "testdata/elks/far.aout").read_bytes()
    with pytest.raises(TypeError, match="unexpected keyword arguments: strictly"):
        execfmt.check(b"", strictly=True)  # type: ignore[call-arg]
    # A file that would be written, or read.
    with pytest.raises(TypeError, match="symfile"):
        execfmt.convert(program, to="elks", symfile="out")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="expected the bytes of a file, not str"):
        execfmt.info("halt.noff")  # type: ignore[arg-type]
    with pytest.raises(execfmt.UsageError, match="needs cs and ds"):
        execfmt.load(program)
    with pytest.raises(execfmt.UsageError, match="--layout goes with --to noff"):
        execfmt.convert(program, to="elks", layout=3)
    for other in (bytearray(program), memoryview(program)):
        assert execfmt.info(other) == execfmt.info(program)


def test_the_environment_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    demo = (ROOT / "testdata/noff/demo.noff").read_bytes()
    monkeypatch.setenv("EXECFMT_KERNEL", "nachos5j")
    assert execfmt.check(demo)
    assert not execfmt.check(demo, kernel="nachos5j")


def test_no_memory_by_a_number_of_the_file() -> None:
    demo = bytearray((ROOT / "testdata/noff/demo.noff").read_bytes())
    demo[36:40] = (0xF000_0000).to_bytes(4, "little")
    with pytest.raises(execfmt.RefusedError, match="at most 268435456"):
        execfmt.load(demo)


def test_threads_get_their_own_answers() -> None:
    files = [path.read_bytes() for path in SAMPLES]
    expected = [execfmt.info(file) for file in files]
    failures: list[int] = []

    def work(start: int) -> None:
        for index in range(start, start + len(files)):
            at = index % len(files)
            if execfmt.info(files[at]) != expected[at]:
                failures.append(at)

    threads = [threading.Thread(target=work, args=(start,)) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
