"""Run every test of the project, step by step, and say at the end which step failed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from browser import ensure_browser

ROOT = Path(__file__).resolve().parents[1]
PYTHON = sys.executable
RUFF = [PYTHON, "-m", "ruff"]
PYTEST = [PYTHON, "-m", "pytest", "-q"]

STEPS: list[tuple[str, list[str]]] = [
    ("format", [*RUFF, "format", "--check", "."]),
    ("lint", [*RUFF, "check", "."]),
    ("types", [PYTHON, "-m", "mypy"]),
    ("data and bibliography", [PYTHON, "-m", "pactbook", "check"]),
    ("library, data, prose, build", [*PYTEST, "tests", "--ignore=tests/test_book.py"]),
    ("notebooks re-run and compared", [*PYTEST, "--nbval", "-n", "2", "--dist", "loadfile", "chapters"]),
    ("the book is built", [PYTHON, "tools/build.py"]),
    ("the built book in a browser", [*PYTEST, "tests/test_book.py"]),
]


def main() -> int:
    browser = ensure_browser()  # first, so that a missing browser is told at once and not after minutes
    print(f"browser: {browser}")
    failed: list[str] = []
    begun = time.perf_counter()
    for number, (name, command) in enumerate(STEPS, start=1):
        print(f"\n[{number}/{len(STEPS)}] {name} ({time.perf_counter() - begun:.0f} s so far)", flush=True)
        if subprocess.run(command, cwd=ROOT, env=os.environ | {"CHROME": browser}).returncode:
            failed.append(name)
            if name == "the book is built":
                break  # an older site must not pass for this one
    print(
        f"\n{time.perf_counter() - begun:.0f} s. " + (f"FAILED: {', '.join(failed)}" if failed else "All steps passed.")
    )
    print(f"{len(STEPS) - len(failed)} passed, {len(failed)} failed")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
