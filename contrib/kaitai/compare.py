"""Compares what the Kaitai Struct descriptions read of files with what the command reads: each field by name, place and value.

    python compare.py FOLDER COMMAND

FOLDER has the compiled descriptions, COMMAND is execfmt. The command reads by its own wire structs and the descriptions were
written from the specifications, so a field that both read alike is where both say it is.
"""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any, Iterator

from kaitaistruct import KaitaiStream, KaitaiStruct, KaitaiStructError, BytesIO

import objects

ROOT = Path(__file__).resolve().parents[2]

FORMATS = {
    "noff": ("nachos_noff", "NachosNoff"),
    "coff": ("nachos_mips_coff", "NachosMipsCoff"),
    "aout-minix": ("elks_minix_aout", "ElksMinixAout"),
    "os2-ne": ("elks_os2_ne", "ElksOs2Ne"),
    "coyotos-image": ("coyotos_image", "CoyotosImage"),
}
"""The formats as the command names them, with module and class of the description."""

FOLDERS = ["testdata/noff", "testdata/elks", "testdata/ne", "testdata/coyotos", "testdata/aout-minix", "fuzz/seeds"]

SEED = 2026
MUTATIONS = 6_000
SECONDS = 10
"""The longest that a description may take for one file."""

REFUSALS = (KaitaiStructError, EOFError, OverflowError)
"""How a description refuses a file. OverflowError is Python's for a place that no file reaches."""


def plain(name: str) -> str:
    """A name without what the ways of writing it differ in: `n_string_bytes` and `nStringBytes`."""
    return "".join(c for c in name.lower() if c.isalnum())


def number(value: Any) -> Any:
    """A value as JSON has it."""
    return list(value) if isinstance(value, bytes) else getattr(value, "value", value)


def instances(read: KaitaiStruct) -> list[str]:
    return [name for name, member in vars(type(read)).items() if isinstance(member, property)]


HEADERS = ["ne_header", "segments"]
"""What belongs to the headers and is read on demand: an MZ header says where."""


def leaves(read: KaitaiStruct) -> Iterator[tuple[str, int, int, Any]]:
    """Name, place, size and value of every field of the headers."""
    names = [(name, name) for name in read.SEQ_FIELDS]
    names += [(name, f"_m_{name}") for name in instances(read) if name in HEADERS]
    for name, key in names:
        value = getattr(read, name, None)
        place = read._debug.get(key, {})
        if value is None or "start" not in place:
            continue
        for item, where in zip(value, place["arr"]) if isinstance(value, list) else [(value, place)]:
            if isinstance(item, KaitaiStruct):
                yield from leaves(item)
            else:
                yield name, where["start"], where["end"] - where["start"], number(item)


def whole(read: KaitaiStruct) -> bool:
    """Reads all that is described, and says whether the file has it all."""
    sound = True
    for name in [*read.SEQ_FIELDS, *instances(read)]:
        try:
            value = getattr(read, name, None)
        except REFUSALS:
            sound = False
            continue
        for item in value if isinstance(value, list) else [value]:
            sound &= not isinstance(item, KaitaiStruct) or whole(item)
    return sound


def fields(node: dict[str, Any]) -> Iterator[tuple[str, int, int, Any]]:
    """The same of a tree of the command."""
    if "fields" in node:
        for field in node["fields"]:
            yield from fields(field)
    else:
        yield node["name"], node["offset"], node["size"], node.get("value", node.get("bytes"))


def read(format: str, file: bytes) -> Any:
    module, name = FORMATS[format]
    description = getattr(import_module(module), name)(KaitaiStream(BytesIO(file)))
    description._read()
    # Where the order of the bytes is in the file, all but the byte that shows it is a type of its own.
    return getattr(description, "file", description)


def different(facts: dict[str, Any], description: Any) -> str | None:
    """What the two read differently of a header."""
    ours = {(plain(name), place, size): value for name, place, size, value in fields(facts["header_fields"])}
    theirs = {(plain(name), place, size): value for name, place, size, value in leaves(description)}
    for key, value in ours.items():
        if key not in theirs:
            return f"{key} is not described"
        if theirs[key] != value:
            return f"{key} is {value}, and {theirs[key]} by the description"
    return None


def run(command: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([command, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=60)


def info(command: str, paths: list[Path]) -> list[dict[str, Any]]:
    lines = run(command, "info", "--json", *map(str, paths)).stdout.splitlines()
    assert len(lines) == len(paths), f"{len(lines)} lines for {len(paths)} files"
    return [json.loads(line) for line in lines]


def inflated(file: bytes) -> bytes:
    return gzip.decompress(file) if file[:2] == b"\x1f\x8b" else file


def samples(command: str, counts: Counter[str]) -> dict[Path, str]:
    """Compares every file of a known format, and gives those that are read whole."""
    paths = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file())
    sound = {}
    for path, facts in zip(paths, info(command, paths)):
        format = facts["format"]
        if format not in FORMATS or facts.get("header_fields") is None:
            continue
        errors = [finding for finding in facts["findings"] if finding["severity"] == "error"]
        try:
            file = inflated(path.read_bytes())
            description = read(format, file)
            found = list(leaves(description))
        except (*REFUSALS, gzip.BadGzipFile) as error:
            assert errors, f"{path}: nothing is wrong with it, and its description says {error!r}"
            counts[f"{format}: refused by both"] += 1
            continue
        wrong = different(facts, description)
        assert wrong is None, f"{path}: {wrong}"
        if not errors:
            wrong = objects.different(command, path, facts, description)
            assert wrong is None, f"{path}: {wrong}"
            sound[path] = format
        counts[f"{format}: files alike"] += 1
        counts[f"{format}: fields of headers alike"] += len(found)
    return sound


def mutated(numbers: random.Random, file: bytes) -> bytes:
    """A file with a few bytes changed, or cut short; mostly in its headers."""
    changed = bytearray(file)
    for _ in range(numbers.randint(1, 4)):
        where = numbers.randrange(min(len(changed), numbers.choice([16, 128, 1 << 20])) or 1)
        kind = numbers.randrange(5)
        if kind < 2:
            changed[where : where + 1] = numbers.randbytes(1)
        elif kind < 4:
            changed[where : where + 4] = numbers.choice([b"\0" * 4, b"\xff" * 4, b"\xff\xff\xff\x7f", b"\x80\0\0\0"])
        else:
            del changed[max(where, 8) :]
    return bytes(changed)


def hostile(command: str, sound: dict[Path, str], counts: Counter[str]) -> None:
    """Damaged files: a description ends, with all that it describes or a refusal, and a header that both read is alike."""
    numbers = random.Random(SEED)
    paths = sorted(sound)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(0, MUTATIONS, 200):
            chosen = [numbers.choice(paths) for _ in range(200)]
            files = [mutated(numbers, inflated(path.read_bytes())) for path in chosen]
            places = [Path(folder) / str(index) for index in range(200)]
            for place, file in zip(places, files):
                place.write_bytes(file)
            for path, file, facts in zip(chosen, files, info(command, places)):
                started = time.monotonic()
                format = sound[path]
                try:
                    description = read(format, file)
                    header = list(leaves(description))
                except REFUSALS:
                    counts["damaged: refused"] += 1
                    continue
                counts["damaged: read whole" if whole(description) else "damaged: contents refused"] += 1
                assert time.monotonic() - started < SECONDS, f"a damaged {path} takes too long"
                if facts["format"] == format and facts.get("header_fields") is not None and header:
                    wrong = different(facts, description)
                    assert wrong is None, f"a damaged {path}: {wrong}"
                    counts["damaged: headers alike"] += 1


def main() -> None:
    folder, command = sys.argv[1:]
    sys.path.insert(0, folder)
    counts: Counter[str] = Counter()
    sound = samples(command, counts)
    for format in FORMATS:
        assert counts[f"{format}: files alike"] >= 2, f"too few files of {format}: {counts}"
    print(f"seed {SEED}, {MUTATIONS} damaged files")
    hostile(command, sound, counts)
    assert counts["damaged: headers alike"] > MUTATIONS // 4, counts
    for name, count in sorted(counts.items()):
        print(f"{name}: {count}")


if __name__ == "__main__":
    main()
