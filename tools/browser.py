"""Find a Chrome or Chromium for the browser tests, or install one, or say in one line what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
MAC_APPS = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
]
ADVICE = (
    "The browser tests need Chrome or Chromium: install it (Debian, Ubuntu: sudo apt-get install chromium; "
    "macOS: brew install --cask google-chrome) or set CHROME=/path/to/it."
)


def find_browser() -> str | None:
    """Path of an installed Chrome or Chromium; the variable CHROME wins."""
    candidates = [os.environ.get("CHROME"), *map(shutil.which, NAMES), *MAC_APPS, _playwright_own()]
    return next((path for path in candidates if path and Path(path).is_file()), None)


def _playwright_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def ensure_browser() -> str:
    """Path of a browser, installing one first if need be; exits with one line of advice if that fails."""
    if path := find_browser():
        return path
    for command in _installers():
        print(f"No Chrome or Chromium found; trying: {' '.join(command)}", flush=True)
        try:
            failed = subprocess.run(command, capture_output=True, text=True, timeout=900).returncode
        except (OSError, subprocess.TimeoutExpired):
            continue
        if not failed and (path := find_browser()):
            return path
    sys.exit(ADVICE)


def _installers() -> list[list[str]]:
    """Ways to install one without asking for a password, the system's package manager first."""
    commands: list[list[str]] = []
    if shutil.which("apt-get"):
        root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        commands.append([*root, "sh", "-c", "apt-get update -qq && apt-get install -y -qq chromium"])
    if shutil.which("brew"):
        commands.append(["brew", "install", "--cask", "google-chrome"])
    commands.append([sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"])
    commands.append([sys.executable, "-m", "playwright", "install", "chromium"])
    return commands


if __name__ == "__main__":
    print(ensure_browser())
