"""Grades a student's Nachos program: is it a file that the course's kernel loads, and does it fit in its memory?

    python grade.py SUBMISSION [RESULTS]

RESULTS, or standard output, gets the JSON that Gradescope reads from /autograder/results/results.json; other graders take it
apart as easily. A malformed file costs points and never ends the grader.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import execfmt

KERNEL = "nachos3"
"""The kernels of this course: the names are those of `execfmt check --for`."""

PAGES_TO_SPARE = 2
"""How many of the machine's physical pages a program has to leave free."""


def escaped(text: str) -> str:
    """Text that may come from the file, for a page or a terminal."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def as_noff(submission: bytes) -> bytes:
    """The submission, converted when a student hands in what the compiler wrote."""
    if execfmt.info(submission)["format"] == "noff":
        return submission
    return execfmt.convert(submission, to="noff", kernel=KERNEL)


def loads(submission: bytes) -> tuple[float, str]:
    """Six points for a program that the kernel loads, four for one with warnings."""
    verdict = execfmt.check(as_noff(submission), kernel=KERNEL)
    lines = [f"{finding.severity}: {finding.message}" for finding in verdict.findings]
    points = 0 if not verdict else 4 if verdict.warnings else 6
    return points, "\n".join([f"{KERNEL}: {verdict.text}", *lines])


def fits(submission: bytes) -> tuple[float, str]:
    """Three points for a program that leaves pages to spare."""
    [kernel] = execfmt.info(as_noff(submission), kernel=KERNEL)["kernels"]
    spare = kernel["spare_pages"]
    if spare is None:
        return 0, f"{KERNEL} does not run the program"
    return (3 if spare >= PAGES_TO_SPARE else 0), f"{spare} physical pages are left; {PAGES_TO_SPARE} are wanted"


def starts(submission: bytes) -> tuple[float, str]:
    """A point for an instruction at the address where the kernel starts the program."""
    memory = execfmt.load(as_noff(submission), kernel=KERNEL)
    word = memory.read(memory.registers["pc"], 4)
    return (1 if any(word) else 0), f"the first instruction is {word[::-1].hex()}"


TESTS = [("The kernel loads it", loads, 6), ("It fits in memory", fits, 3), ("It begins with code", starts, 1)]


def grade(submission: bytes) -> dict[str, object]:
    """The results of all tests."""
    results = []
    for name, test, most in TESTS:
        try:
            points, output = test(submission)
        except execfmt.Error as error:
            points, output = 0, f"error: {error}"
        output = "\n".join(map(escaped, output.split("\n")))
        results.append({"name": name, "score": points, "max_score": most, "output": output})
    return {"tests": results}


def main() -> None:
    submission, *results = sys.argv[1:]
    text = json.dumps(grade(Path(submission).read_bytes()), indent=2)
    if results:
        Path(results[0]).write_text(text + "\n")
    else:
        print(text)


if __name__ == "__main__":
    main()
