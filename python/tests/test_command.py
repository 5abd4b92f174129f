"""The module says what the command says."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_type_hints

import execfmt
import pytest
from conftest import ROOT, SAMPLES, line, run

KERNELS = [None, "nachos3", "nachos4-rdata", "nachos5j", "elks", "minix2", "coyotos-original"]


def test_info(sample: bytes) -> None:
    assert execfmt.info(sample) == line("info", sample)


@pytest.mark.parametrize("kernel", KERNELS)
def test_check(sample: bytes, kernel: str | None) -> None:
    options = [f"--for={kernel}"] if kernel else []
    verdict = execfmt.check(sample, kernel=kernel) if kernel else execfmt.check(sample)
    assert verdict.facts == line("check", sample, *options)
    ran = run(["check", *options, "-"], sample)
    assert verdict.accepted == bool(verdict) == (ran.returncode == 0)
    assert ran.stdout.decode() == f"standard input: {verdict.text}\n"
    strict = execfmt.check(sample, strict=True)
    assert strict.accepted == (run(["check", "--strict", "-"], sample).returncode == 0)


@pytest.mark.parametrize("to", ["noff", "flat", "coff", "elks", "os2-ne", "coyotos", "elf"])
def test_convert(sample: bytes, to: str) -> None:
    ran = run(["convert", "-", "-o", "-", "--to", to], sample)
    notes: list[execfmt.Note] = []
    try:
        converted = execfmt.convert(sample, to=to, on_note=notes.append)  # type: ignore[arg-type]
    except execfmt.RefusedError as error:
        assert ran.returncode == 1
        assert ran.stderr.decode() == f"execfmt: standard input: error: {error}\n"
        return
    assert ran.returncode == 0 and converted == ran.stdout
    said = "".join(f"execfmt: standard input: {note.severity}: {note.message}\n" for note in notes)
    assert ran.stderr.decode() == said


def test_converts_with_options() -> None:
    elf = (ROOT / "testdata/elks/far.elf").read_bytes()
    made = execfmt.convert(elf, to="elks", symtab=True, tiny=False)
    assert made == (ROOT / "testdata/elks/far.aout").read_bytes()
    demo = (ROOT / "testdata/noff/demo.noff").read_bytes()
    four = execfmt.convert(demo, to="noff", layout=4, byte_order="big")
    assert execfmt.info(four)["layout"] == 4 and four[:4] == b"\x00\xba\xdf\xad"


def test_load_of_elks_is_what_the_command_writes(tmp_path: Path) -> None:
    program = (ROOT / "testdata/elks/far.aout").read_bytes()
    ran = run(["load", "-", "--elks", "--cs", "0x1000", "--ds", "0x2000", "-o", str(tmp_path)], program)
    assert ran.returncode == 0, ran.stderr
    memory = execfmt.load(program, cs=0x1000, ds=0x2000)
    for segment in memory.segments:
        assert segment.data == (tmp_path / f"{segment.name}.bin").read_bytes()
        assert memory.read(segment.address, len(segment.data)) == segment.data
    last = ran.stdout.decode().splitlines()[-1]
    cs, ip, ds, sp, dx = (memory.registers[name] for name in ("cs", "ip", "ds", "sp", "dx"))
    assert last == f"CS:IP {cs:04x}:{ip:04x}, DS = ES = SS = {ds:04x}, SP {sp:04x}, DX {dx:04x}"


def test_what_is_loaded_has_the_format_that_info_names() -> None:
    loaded = set()
    for path in SAMPLES:
        program = path.read_bytes()
        facts = execfmt.info(program)
        segments = range(1, 1 + len(facts.get("segments", [])))
        place: dict[str, Any] = {"at": [0x1000 * number for number in segments]}
        try:
            memory = execfmt.load(program, **(place if facts["format"] == "os2-ne" else {"cs": 0x1000, "ds": 0x2000}))
        except execfmt.Error:
            continue
        assert memory.format == facts["format"], path
        loaded.add(memory.format)
    assert loaded == {"noff", "coff", "aout-minix", "os2-ne", "coyotos-image"}


def test_load_of_ne_is_what_the_command_writes(tmp_path: Path) -> None:
    loaded = 0
    for path in SAMPLES:
        program = path.read_bytes()
        facts = execfmt.info(program)
        if facts["format"] != "os2-ne" or not execfmt.check(program, kernel="elks"):
            continue
        count = len(facts["segments"])
        at = [0x1000 * (index + 1) for index in range(count)]
        folder = tmp_path / path.name
        ran = run(["load", "-", "--elks", "--at", ",".join(map(str, at)), "-o", str(folder)], program)
        assert ran.returncode == 0, ran.stderr
        memory = execfmt.load(program, at=at)
        assert [segment.address for segment in memory.segments] == [16 * paragraph for paragraph in at]
        for segment in memory.segments:
            assert segment.data == (folder / f"{segment.name}.bin").read_bytes()
        loaded += 1
    assert loaded > 1


def test_load_of_noff_by_hand() -> None:
    """The segments by the header's own numbers: Python's struct reads them, not the library."""
    import struct

    for path in (ROOT / "testdata/noff").glob("*.noff"):
        program = path.read_bytes()
        words = struct.unpack("<10I", program[:40])
        memory = execfmt.load(program, layout=3)
        [segment] = memory.segments
        assert memory.registers == {"pc": 0, "sp": len(segment.data) - 16}
        end = max(address + size for address, _, size in zip(words[1::3], words[2::3], words[3::3]) if size)
        assert len(segment.data) == -(-(end + 1024) // 128) * 128
        expected = bytearray(len(segment.data))
        for address, place, size in zip(words[1:7:3], words[2:7:3], words[3:7:3]):
            expected[address : address + size] = program[place : place + size]
        assert segment.data == bytes(expected)


def test_load_of_coyotos_is_what_the_command_extracts() -> None:
    path = ROOT / "testdata/coyotos/i386.img.gz"
    memory = execfmt.load(path.read_bytes())
    assert memory.segments and all(len(segment.name) == 3 for segment in memory.segments)
    for segment in memory.segments:
        span = f"{segment.address:#x}+{len(segment.data)}"
        ran = run(["coyotos", "extract", str(path), span, "-o", "-"])
        assert ran.returncode == 0 and ran.stdout == segment.data, ran.stderr


def test_options_are_the_commands() -> None:
    """Each keyword is an option that the help lists."""
    kinds: list[tuple[str, type]] = [("check", execfmt.CheckOptions), ("convert", execfmt.ConvertOptions)]
    for subcommand, kind in kinds:
        help = run([subcommand, "--help"]).stdout.decode()
        for name in get_type_hints(kind):
            option = "--for" if name == "kernel" else f"--{name.replace('_', '-')}"
            assert f"{option} " in help or f"{option}\n" in help, option
