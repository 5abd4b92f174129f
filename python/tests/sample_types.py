"""What mypy --strict has to accept and, in the lines that ignore an error, to refuse."""

from __future__ import annotations

import execfmt


def messages(program: bytes) -> list[str]:
    verdict: execfmt.Verdict = execfmt.check(program, kernel="nachos3", strict=True)
    return [f"{finding.field} at {finding.offset + 0}: {finding.message}" for finding in verdict.findings]


def first_word(program: bytes) -> int:
    memory: execfmt.Memory = execfmt.load(program, cs=0x1000, ds=0x2000)
    return int.from_bytes(memory.read(memory.registers["pc"], 4), "little")


def big(program: bytes) -> bytes:
    try:
        return execfmt.convert(program, to="noff", byte_order="big", on_note=print)
    except execfmt.RefusedError as error:
        finding = error.finding
        return finding.code.encode() if finding else b""


execfmt.convert(b"", to="pe")  # type: ignore[arg-type]
execfmt.convert(b"", to="noff", byte_order="middle")  # type: ignore[arg-type]
execfmt.info(b"", kernal="nachos3")  # type: ignore[call-arg]
execfmt.info("path")  # type: ignore[arg-type]
