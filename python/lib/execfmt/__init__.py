"""Executables of small systems: Nachos NOFF, MIPS COFF, ELKS/Minix a.out, OS/2 NE, Coyotos images.

>>> import execfmt
>>> verdict = execfmt.check(open("halt.noff", "rb").read(), kernel="nachos3")
>>> if not verdict:
...     for finding in verdict.findings:
...         print(finding.field, finding.offset, finding.message)

Every function takes the bytes of a file and does what the command `execfmt` does with the file. Keyword arguments are
the command's options, with `_` for `-`; `kernel` is its `--for`. No file is read or written, no memory is taken by a number that a
file holds, and whatever the bytes are, only the exceptions of this module are raised: `RefusedError` for the file,
`UsageError` for the arguments, and Python's own `TypeError` for arguments of the wrong type.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Literal, Mapping, Sequence, TypedDict, Union

from . import _native

if TYPE_CHECKING:
    from typing_extensions import TypeAlias, Unpack

__all__ = [
    "CheckOptions",
    "ConvertOptions",
    "Error",
    "Finding",
    "InfoOptions",
    "LoadOptions",
    "Memory",
    "Note",
    "RefusedError",
    "Segment",
    "UsageError",
    "Verdict",
    "check",
    "convert",
    "info",
    "load",
]

__version__: str = _native.__version__

Data: TypeAlias = "Union[bytes, bytearray, memoryview]"


@dataclass(frozen=True)
class Finding:
    """An error or a warning about a file."""

    severity: str
    """`error` or `warning`."""
    code: str
    """The stable name of the rule; docs/json.md lists all rules."""
    field: str
    """The field that breaks it, by its name in the format's specification."""
    offset: int
    """File offset of the field, in bytes."""
    found: int
    """The value found."""
    expected: str
    """The values expected, as text."""
    message: str
    """The finding as a sentence, with what to do next. It may contain text from the file, such as the name of a section:
    escape it before it goes into a page or to a terminal."""


@dataclass(frozen=True)
class Note:
    """A note for the user about a conversion."""

    severity: str
    """`error`, `warning` or `note`."""
    message: str
    """A sentence."""


@dataclass(frozen=True)
class Verdict:
    """The result of `check`. True when the file is accepted."""

    accepted: bool
    """False when there is an error, or with `strict` a warning."""
    text: str
    """The verdict as text: `ok`, or for example `refused, 1 error`."""
    errors: int
    """The number of errors, including those that are not listed (beyond the first 1000 findings)."""
    warnings: int
    """The number of warnings, including those that are not listed."""
    findings: tuple[Finding, ...]
    """The findings, errors and warnings in the order of the checks."""
    facts: dict[str, Any]
    """The output of `execfmt check --json` for the file, without its name."""

    def __bool__(self) -> bool:
        return self.accepted


@dataclass(frozen=True)
class Segment:
    """A run of memory."""

    name: str
    """`memory` for NOFF and COFF; `text`, `ftext` and `data` for ELKS; `segment1` and so on for OS/2; the rights of the
    pages, such as `r-x`, for Coyotos."""
    address: int
    """The address of the first byte; for a 16-bit program the linear address."""
    data: bytes
    """The bytes."""


@dataclass(frozen=True)
class Memory:
    """A program in memory."""

    format: str
    """As in `info`: `noff`, `coff`, `aout-minix`, `os2-ne` or `coyotos-image`."""
    segments: tuple[Segment, ...]
    """The contents of memory."""
    registers: Mapping[str, int]
    """The initial registers: `pc` and `sp`, or `cs`, `ip`, `ds`, `es`, `ss`, `sp` and `dx`."""

    def read(self, address: int, length: int) -> bytes:
        """The bytes at an address. Raises `IndexError` unless they are all in one segment."""
        for segment in self.segments:
            start = address - segment.address
            if 0 <= start and 0 <= length and start + length <= len(segment.data):
                return segment.data[start : start + length]
        raise IndexError(f"{length} bytes at {address:#x} are not in one segment")


class Error(Exception):
    """The base class of this module's exceptions."""


class UsageError(Error, ValueError):
    """Arguments that are invalid, or that the file does not allow."""


class RefusedError(Error):
    """The file is malformed or refused."""

    def __init__(self, message: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message)
        self.findings = findings
        """The findings. Empty when the reason is not a field of the file."""

    @property
    def finding(self) -> Finding | None:
        """The first error, or `None`."""
        return next((finding for finding in self.findings if finding.severity == "error"), None)

    def __reduce__(self) -> tuple[type[RefusedError], tuple[str, tuple[Finding, ...]]]:
        # Exceptions cross processes in autograders, and are recreated from what this returns.
        return RefusedError, (str(self), self.findings)


class InfoOptions(TypedDict, total=False):
    """Options that are not recorded in a file. The file determines which of them are used."""

    kernel: str
    """The kernels that the file is for, such as `nachos3`; by default, the rules common to all kernels of its format."""
    layout: Literal[3, 4]
    """NOFF: the number of segments in the header."""
    page_size: int
    """NOFF: page size in bytes, a power of two up to 65536."""
    stack_size: int
    """NOFF: stack size in bytes."""
    args: int
    """ELKS: size of the argument block in bytes."""
    rules: Literal["full", "reference"]
    """Coyotos: the rules by which an image is checked."""
    packing: Literal["as-written", "native-big-endian"]
    """Coyotos: how bit-fields are packed into the words of an image for a big-endian machine."""
    max_inflated: int
    """Coyotos: maximum number of bytes inflated from a gzip file."""


class CheckOptions(InfoOptions, total=False):
    """The options of `check`."""

    strict: bool
    """Treat warnings as errors."""


class LoadOptions(InfoOptions, total=False):
    """The options of `load`."""

    cs: int
    """ELKS: the paragraph of the text."""
    ds: int
    """ELKS: the paragraph of the data."""
    at: Sequence[int]
    """OS/2: the paragraphs of the segments, in order."""
    of: str
    """Coyotos: the address space, such as `process:0` or `gpt:3`."""


class ConvertOptions(TypedDict, total=False):
    """The options of `convert`."""

    kernel: str
    """The kernels that will load the file: this sets the layout and byte order, and the rules to check."""
    layout: Literal[3, 4]
    """To NOFF: the number of segments in the header."""
    byte_order: Literal["little", "big"]
    """To NOFF: the byte order of the header's words."""
    tiny: bool
    """To ELKS: text, data and stack share one segment."""
    stack: int
    """To ELKS: bytes of stack."""
    heap: int
    """To ELKS: bytes of heap."""
    chmem: int
    """To ELKS: bytes of heap and stack together, in a header of version 0."""
    total_data: int
    """To ELKS: bytes of data, bss, heap and stack together, in a header of version 0."""
    aout_seg: int
    """To ELKS, for a ROM: the paragraph at which the file will be."""
    data_seg: int
    """To ELKS, for a ROM: the paragraph at which the data will be."""
    symtab: bool
    """To ELKS: put a symbol table into the file."""
    arch: Literal["i386", "coldfire", "arm"]
    """To Coyotos: the architecture."""
    compat: bool
    """To Coyotos: make the pages that the original loader makes."""
    constructor: bool
    """To Coyotos: make the input of a constructor for the small memory model, and no process."""
    no_gzip: bool
    """To Coyotos: write an uncompressed image instead of a gzip file."""
    max_image: int
    """To Coyotos: maximum size of the image in bytes."""
    of: str
    """To ELF, from Coyotos: the address space, such as `process:0` or `gpt:3`."""
    packing: Literal["as-written", "native-big-endian"]
    """To ELF, from Coyotos: how bit-fields are packed into the words of an image for a big-endian machine."""
    max_inflated: int
    """To ELF, from Coyotos: maximum number of bytes inflated from a gzip file."""


def info(data: Data, **options: Unpack[InfoOptions]) -> dict[str, Any]:
    """Describes a file, and what is needed to load it: the output of `execfmt info --json`, without the file's name
    (docs/json.md).

    For a file of an unknown format, `format` is None and there is a finding.
    """
    line: dict[str, Any] = json.loads(_call(_native.info, data, InfoOptions, options))
    return line


def check(data: Data, **options: Unpack[CheckOptions]) -> Verdict:
    """All errors and warnings of a file."""
    accepted, text, errors, warnings, line = _call(_native.check, data, CheckOptions, options)
    facts = json.loads(line)
    return Verdict(accepted, text, errors, warnings, _findings(facts["findings"]), facts)


def convert(
    data: Data,
    *,
    to: Literal["noff", "flat", "coff", "elks", "os2-ne", "coyotos", "elf"],
    on_note: Callable[[Note], object] | None = None,
    **options: Unpack[ConvertOptions],
) -> bytes:
    """Converts a file to another format: MIPS ELF, MIPS COFF or NOFF to NOFF, COFF, ELF or a flat file; ia16 ELF or OS/2 NE to
    ELKS, and ELKS or Minix to ELF; ELF to a Coyotos image, and back.

    `on_note` is called with notes for the user, for example about code that the kernel's machine executes incorrectly.
    """
    _known(ConvertOptions, options)
    converted, notes = _native_call(_native.convert, data, _arguments({"to": to, **options}))
    if on_note is not None:
        for severity, message in notes:
            on_note(Note(severity, message))
    result: bytes = converted
    return result


def load(data: Data, **options: Unpack[LoadOptions]) -> Memory:
    """Loads a program as its kernel does.

    For NOFF and MIPS COFF this is the whole memory, from address 0 to the end of the stack; for ELKS and OS/2 programs the
    sections, relocated and decompressed, which need the paragraphs `cs` and `ds`, or `at`; for a Coyotos image the pages of an address
    space. A file that `check` refuses with the same options is not loaded.
    """
    format, segments, registers = _call(_native.load, data, LoadOptions, options)
    return Memory(format, tuple(Segment(*segment) for segment in segments), dict(registers))


def _call(function: Callable[..., Any], data: Data, known: type, options: Mapping[str, Any]) -> Any:
    _known(known, options)
    return _native_call(function, data, _arguments(options))


def _native_call(function: Callable[..., Any], data: Data, arguments: list[str]) -> Any:
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError(f"expected the bytes of a file, not {type(data).__name__}")
    try:
        return function(bytes(data), arguments)
    except _native.Usage as error:
        message = str(error)
    except _native.Refused as error:
        text, found = error.args
        raise RefusedError(text, _findings(json.loads(found))) from None
    raise UsageError(message)


def _known(known: type, options: Mapping[str, Any]) -> None:
    unknown = sorted(set(options).difference(known.__annotations__))
    if unknown:
        raise TypeError(f"unexpected keyword arguments: {', '.join(unknown)}")


def _arguments(options: Mapping[str, Any]) -> list[str]:
    """The options as command-line arguments."""
    arguments = []
    for name, value in options.items():
        option = "--for" if name == "kernel" else f"--{name.replace('_', '-')}"
        if value is True:
            arguments.append(option)
        elif isinstance(value, (list, tuple)):
            arguments.append(f"{option}={','.join(map(str, value))}")
        elif value is not None and value is not False:
            arguments.append(f"{option}={value}")
    return arguments


def _findings(found: list[dict[str, Any]]) -> tuple[Finding, ...]:
    return tuple(Finding(**finding) for finding in found)
