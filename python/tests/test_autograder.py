"""The example of an autograder."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, SAMPLES

GRADE = ROOT / "examples/autograder/grade.py"
DEMO = (ROOT / "testdata/noff/demo.noff").read_bytes()
TOO_LARGE = DEMO[:36] + (3000).to_bytes(4, "little") + DEMO[40:]


def grade(folder: Path, submission: bytes) -> list[dict[str, Any]]:
    (folder / "submission").write_bytes(submission)
    ran = subprocess.run(
        [sys.executable, GRADE, folder / "submission", folder / "results.json"], capture_output=True, timeout=60, text=True
    )
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stderr
    results: list[dict[str, Any]] = json.loads((folder / "results.json").read_text())["tests"]
    assert all(0 <= result["score"] <= result["max_score"] for result in results)
    return results


@pytest.mark.parametrize(
    ("submission", "scores", "said"),
    [
        (DEMO, [6, 3, 1], "nachos3: ok"),
        (DEMO + b"after", [4, 3, 1], "warning: "),
        ((ROOT / "fuzz/seeds/noff_convert/halt.elf").read_bytes(), [6, 3, 1], "nachos3: ok"),
        # 880 bytes of code and data, 3000 of bss and 1024 of stack are 39 pages, and the machine has 32.
        (TOO_LARGE, [0, 0, 0], "39 pages"),
        (DEMO[:700], [0, 0, 0], "code.size at byte 12"),
        (b"#!/bin/sh\n", [0, 0, 0], "error: "),
        (b"", [0, 0, 0], "error: "),
    ],
)
def test_points(tmp_path: Path, submission: bytes, scores: list[int], said: str) -> None:
    results = grade(tmp_path, submission)
    assert [result["score"] for result in results] == scores, results
    assert said in results[0]["output"], results


def test_no_submission_ends_the_grader(tmp_path: Path) -> None:
    for path in SAMPLES[::8]:
        grade(tmp_path, path.read_bytes())
