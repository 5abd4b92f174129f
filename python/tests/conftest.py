"""What the tests share: the repository's test data, and the command to compare with."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

COMMAND = os.environ["EXECFMT"]
"""The command execfmt of the same sources."""


def run(arguments: list[str], data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environment = {name: value for name, value in os.environ.items() if name != "EXECFMT_KERNEL"}
    return subprocess.run([COMMAND, *arguments], input=data, capture_output=True, timeout=60, env=environment)


def line(subcommand: str, data: bytes, *options: str) -> dict[str, Any]:
    """What the command prints of a file, without its name."""
    ran = run([subcommand, "--json", *options, "-"], data)
    assert ran.returncode in (0, 1), ran.stderr
    printed: dict[str, Any] = json.loads(ran.stdout)
    assert printed.pop("file") == "-"
    return printed


def samples() -> list[Path]:
    """The executables of the test data, and the seeds of the fuzz targets that are files."""
    folders = ["testdata/noff", "testdata/elks", "testdata/ne", "testdata/coyotos", "testdata/aout-minix"]
    targets = ["noff_parse", "aout_parse", "coff_parse", "ne_parse", "coyotos_parse", "coyotos_elf", "noff_convert"]
    folders += [f"fuzz/seeds/{target}" for target in targets]
    found = sorted(path for folder in folders for path in (ROOT / folder).iterdir() if path.is_file())
    assert len(found) > 50
    return found


SAMPLES = samples()


@pytest.fixture(params=SAMPLES, ids=lambda path: str(path.relative_to(ROOT)))
def sample(request: pytest.FixtureRequest) -> bytes:
    path: Path = request.param
    return path.read_bytes()
