"""What lies after the headers: sections, relocations, symbols and objects, as the command lists them and as the descriptions
read them."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Iterator


def different(command: str, path: Path, facts: dict[str, Any], description: Any) -> str | None:
    """What the two read differently of a well-formed file."""
    compare = {"noff": noff, "coff": coff, "aout-minix": aout, "os2-ne": ne, "coyotos-image": coyotos}[facts["format"]]
    for ours, theirs in compare(command, path, facts, description):
        if ours != theirs:
            return f"{ours}, and by the description {theirs}"
    return None


def listed(command: str, *arguments: str) -> list[dict[str, Any]]:
    ran = subprocess.run([command, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    return [json.loads(line) for line in ran.stdout.splitlines()]


def span(read: Any, name: str) -> tuple[int, int] | None:
    """Where a part is that the file has."""
    place = read._debug.get(name, {})
    return (place["start"], place["end"]) if place.get("start") != place.get("end") else None


def spans(facts: dict[str, Any], names: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """The regions of the file against parts of the description."""
    regions = {region["name"]: (region["start"], region["end"]) for region in facts["file_regions"]}
    for name, place in names.items():
        yield (name, regions.get(name)), (name, place)


def noff(_: str, __: Path, facts: dict[str, Any], read: Any) -> Iterator[tuple[Any, Any]]:
    parts = {"code": "code_bytes", "initData": "init_data_bytes", "readonlyData": "readonly_data_bytes"}
    for instance in parts.values():
        getattr(read, instance)
    yield from spans(facts, {name: span(read, f"_m_{instance}") for name, instance in parts.items()})


def coff(_: str, __: Path, facts: dict[str, Any], read: Any) -> Iterator[tuple[Any, Any]]:
    for section in read.sections:
        section.body
    bodies = sorted(filter(None, (span(section, "_m_body") for section in read.sections)))
    yield sorted((region["start"], region["end"]) for region in facts["file_regions"][1:]), bodies


RELOCATIONS = ["text relocations", "far text relocations", "data relocations"]


def aout(command: str, path: Path, facts: dict[str, Any], read: Any) -> Iterator[tuple[Any, Any]]:
    names = ["text", "far text", "data", *RELOCATIONS, "symbols"]
    yield from spans(facts, {name: span(read, name.replace(" ", "_")) for name in names})
    relocations = [
        {"section": name.removesuffix(" relocations"), "offset": entry.vaddr, "target": number(entry.symndx), "type": entry.type}
        for name in RELOCATIONS
        for entry in getattr(read, name.replace(" ", "_")).entries
    ]
    yield listed(command, "relocs", "--json", str(path)), relocations
    symbols = listed(command, "symbols", "--json", str(path))
    if symbols and isinstance(symbols[0]["kind"], str):
        entries = [entry for entry in read.symbols_of_elks.entries if entry.letter != 0]
        yield symbols, [
            {"name": entry.name.decode("latin-1"), "value": entry.addr, "kind": chr(entry.letter)} for entry in entries
        ]
    elif symbols:
        yield symbols, minix_symbols(read.symbols_of_minix.entries)


def minix_symbols(entries: list[Any]) -> list[dict[str, Any]]:
    """The symbols of a table, with long names put together."""
    names: list[tuple[bytes, Any]] = []
    for entry in entries:
        goes_on = (entry.value, entry.sclass, entry.numaux, entry.type) == (0, 0, 0, 0)
        if goes_on and names and b"\0" not in names[-1][0]:
            names[-1] = (names[-1][0] + entry.name, names[-1][1])
        else:
            names.append((entry.name, entry))
    texts = [(name.split(b"\0")[0].decode("latin-1"), entry) for name, entry in names]
    return [{"name": text, "value": entry.value, "kind": entry.sclass} for text, entry in texts]


def ne(command: str, path: Path, facts: dict[str, Any], read: Any) -> Iterator[tuple[Any, Any]]:
    for segment in read.segments:
        segment.body
    names = {f"segment {index}": span(segment, "_m_body") for index, segment in enumerate(read.segments, 1)}
    yield from spans(facts, names)
    relocations = [
        (index, entry.source_offset)
        for index, segment in enumerate(read.segments, 1)
        if segment.relocations is not None
        for entry in segment.relocations.entries
    ]
    yield [(entry["segment"], entry["offset"]) for entry in listed(command, "relocs", "--json", str(path))], relocations


def number(value: Any) -> Any:
    return getattr(value, "value", value)


MEMORY = ["window", "local_window", "page", "cap_page", "gpt"]
"""The types of capabilities that address spaces are made of."""


def capability(read: Any) -> dict[str, Any]:
    """A capability as a manifest has it: what is 0 is left out, and the type is a name."""
    name = getattr(read.type, "name", str(read.type))
    guard = {"l2g": read.l2g, "match": read.match} if name in MEMORY else {"pp": read.word1}
    numbers = {"swizzled": read.swizzled, "restr": read.restr, "allocCount": read.alloc_count, **guard, "oid": read.oid}
    return {"type": name.replace("_", ""), **{key: value for key, value in numbers.items() if value}}


def capabilities(slots: dict[str, Any]) -> dict[str, Any]:
    read = {name: capability(cap) for name, cap in slots.items() if (cap.word0, cap.word1, cap.oid) != (0, 0, 0)}
    return {"caps": read} if read else {}


def filled(members: dict[str, Any], slots: dict[str, Any]) -> dict[str, Any]:
    return {**{name: value for name, value in members.items() if value}, **capabilities(slots)}


def array(name: str, slots: list[Any]) -> dict[str, Any]:
    return {f"{name}[{index}]": cap for index, cap in enumerate(slots)}


def process(read: Any) -> dict[str, Any]:
    members = {"runState": read.run_state, "flags": read.flags, "notices": read.notices}
    members |= {"faultCode": read.fault_code, "faultInfo": read.fault_info}
    names = {"schedule": read.schedule, "addrSpace": read.addr_space, "brand": read.brand}
    names |= {"cohort": read.cohort, "ioSpace": read.io_space, "handler": read.handler}
    return filled(members, names | array("capReg", read.cap_reg))


def endpoint(read: Any) -> dict[str, Any]:
    members = {"pm": read.pm, "protPayload": read.prot_payload, "endpointID": read.endpoint_id}
    return filled(members, {"recipient": read.recipient})


def coyotos(command: str, path: Path, facts: dict[str, Any], read: Any) -> Iterator[tuple[Any, Any]]:
    """Every object of the image against the manifest that `unpack` writes."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "unpacked"
        unpack = [command, "coyotos", "unpack", str(path), "-o", str(out)]
        if subprocess.run(unpack, stdin=subprocess.DEVNULL, capture_output=True, timeout=60).returncode != 0:
            # An image that would not come back as it was is not unpacked; those of the test data would.
            assert "testdata" not in path.parts, path
            return
        manifest = json.loads((out / "manifest.json").read_text())
        pages = [(out / page["file"]).read_bytes() if "file" in page else b"" for page in manifest["pages"]]
    for index, (ours, theirs) in enumerate(zip(pages, read.pages[1:]), 1):
        yield (index, ours.ljust(read.header.pg_size, b"\0")), (index, theirs)
    objects = {
        "cap_pages": [capabilities(array("cap", page.cap)) for page in read.cap_pages],
        "gpts": [filled({"l2v": gpt.l2v, "ha": gpt.ha, "bg": gpt.bg}, array("cap", gpt.cap)) for gpt in read.gpts],
        "endpoints": [endpoint(one) for one in read.endpoints],
        "processes": [process(one) for one in read.processes],
    }
    types = {"cap_pages": "cap_page", "gpts": "gpt", "endpoints": "endpoint", "processes": "process"}
    charged = {(getattr(alloc.type, "name", None), alloc.oid): alloc.bank for alloc in read.allocs}
    for name, theirs in objects.items():
        for oid, one in enumerate(theirs):
            bank = charged[types[name], oid]
            theirs[oid] = {**({"bank": bank} if bank else {}), **one}
        yield (name, [named(one) for one in manifest[name]]), (name, theirs)
    yield manifest["banks"], [{"endpoint": bank.oid, "parent": bank.parent} for bank in read.banks]
    symbols = [(one["object"], one["value"], one["size"], one["kind"]) for one in manifest["symbols"]]
    kinds = [(one.object, one.value, one.kind_and_size >> 8, one.kind_and_size & 0xFF) for one in read.symbols]
    yield symbols, kinds


def named(one: dict[str, Any]) -> dict[str, Any]:
    """An object of a manifest with the types of capabilities in the description's words."""
    caps = one.get("caps", {})
    lower = {slot: {**cap, "type": cap["type"].lower()} for slot, cap in caps.items()}
    return {**one, "caps": lower} if caps else one
