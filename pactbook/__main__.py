"""Command line: ``python -m pactbook check`` validates the whole data package."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 if all is well, 1 if a rule is broken."""
    parser = argparse.ArgumentParser(prog="python -m pactbook", description="Tables of the book Arms for Oil")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="validate every table, the bibliography and what ties them together")
    check.add_argument("--folder", type=Path, help="data folder to check (the book's own by default)")
    options = parser.parse_args(arguments)
    begun = time.perf_counter()
    try:
        from pactbook.checks import check_package
    except ModuleNotFoundError as error:
        parser.error(f"the check needs {error.name}: pip install 'pactbook[check]'")
    report = check_package(options.folder)
    for problem in report.problems:
        print(problem, file=sys.stderr)
    count = len(report.problems)
    verdict = f"{count} problem{'s' * (count != 1)}" if count else "no problem"
    seen = f"{report.tables} tables, {report.rows} rows, {report.sources} sources"
    print(f"{seen}: {verdict} ({time.perf_counter() - begun:.1f} s)")
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
