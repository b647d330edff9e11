"""Build the book: check the data, run what changed, render the pages, publish the site whole or not at all."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

from pactbook.book.execute import Book, ChapterError, run_chapters

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "_build"
WORK = BUILD / "work"  # jupyter-book's own tree; kept between builds so that only changed pages are rendered
SITE = BUILD / "html"
UNFINISHED = BUILD / "unfinished"


def main() -> int:
    begun = time.perf_counter()
    if subprocess.run([sys.executable, "-m", "pactbook", "check"], cwd=ROOT).returncode:
        print("The data breaks its schema (above): nothing was built, the last site stands.", file=sys.stderr)
        return 1
    BUILD.mkdir(exist_ok=True)
    if UNFINISHED.exists():  # Sphinx trusts file times, which an interrupted run leaves untrue
        shutil.rmtree(WORK, ignore_errors=True)
    UNFINISHED.touch()
    try:  # the extension would do it too; here a failing chapter is told without Sphinx's traceback
        run_chapters(Book(ROOT, BUILD / "executed"))
    except ChapterError as error:
        print(f"{error}\nThe build stops here: the last site stands.", file=sys.stderr)
        return 1
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    command = [str(jupyter_book), "build", str(ROOT), "--path-output", str(WORK)]
    command += ["--warningiserror", "--keep-going", "--nitpick"]
    if subprocess.run(command, cwd=ROOT).returncode:
        print("The build failed (above): the last site stands.", file=sys.stderr)
        return 1
    UNFINISHED.unlink()
    publish(WORK / "_build" / "html", SITE)
    print(f"Built in {time.perf_counter() - begun:.0f} s. Open {SITE / 'index.html'}")
    return 0


def publish(built: Path, site: Path) -> None:
    """Swap the new site in by renaming, so that a reader never meets half of it."""
    fresh, old = site.with_name("html.new"), site.with_name("html.old")
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.copytree(built, fresh, ignore=shutil.ignore_patterns(".buildinfo", ".doctrees", "*.err.log"))
    if site.exists():
        site.rename(old)
    fresh.rename(site)
    shutil.rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Interrupted: the last site stands, and the next build starts its pages afresh.")
