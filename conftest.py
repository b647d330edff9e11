"""How notebooks are compared: by findings, tables and figure digests, because figures are not stored in git."""

from __future__ import annotations

from typing import Any

from pactbook.figures import FIGURE_MIME


def pytest_collectstart(collector: Any) -> None:
    """Compare notebooks by findings, tables and figure digests: figures themselves are not stored in git."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += (FIGURE_MIME,)
