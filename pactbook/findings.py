"""Findings: sentences that state a number, built from variables and shown as Markdown with their sources.

A finding shows the same text in JupyterLab, VS Code, Colab and the book, and carries a machine-readable form
from which the landing page and ``findings.json`` are collected.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

from pactbook.sources import describe_sources, independent, origin_name, split_keys
from pactbook.tables import load

FINDING_MIME = "application/vnd.pactbook.finding+json"
CONFIDENCE = ("low", "moderate", "high")
VERDICT_LABELS = {
    "supported": "supported",
    "partly-supported": "partly supported",
    "contested": "contested",
    "overtaken": "overtaken by events",
    "not-supported": "not supported",
    "not-testable": "cannot be tested",
}
_ID = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True)
class Finding:
    """A sourced statement: a finding of ours, or a claim of the article with our verdict."""

    id: str
    text: str
    confidence: str
    reason: str
    sources: list[str]
    origins: list[str]
    kind: str = "finding"
    claim: dict[str, Any] = field(default_factory=dict)

    def heading(self) -> str:
        """The line above the text: empty for a finding."""
        if self.kind != "claim":
            return ""
        verdict = VERDICT_LABELS[self.claim["verdict"]]
        return f"**Claim {self.claim['order']}.** {self.claim['text']}\n\n**Verdict: {verdict}.**"

    def footing(self) -> str:
        """The line below the text: confidence and its reason."""
        return f"*Confidence: {self.confidence}. {self.reason}*"

    def support(self) -> str:
        """How many sources from how many independent origins stand behind the text."""
        documents, bodies = len(self.sources), len(self.origins)
        return f"{documents} source{'s' * (documents != 1)} from {bodies} independent origin{'s' * (bodies != 1)}"

    def markdown(self) -> str:
        """The whole statement in plain Markdown, for any notebook front end."""
        sources = describe_sources(self.sources)
        names = "; ".join(f"{origin_name(origin)}" for origin in self.origins)
        links = ", ".join(
            f"[{key}]({url})" if url else key
            for key, url in zip(sources.index.astype(str), sources["url"], strict=True)
        )
        lead = "**Finding.** " if self.kind == "finding" else ""
        parts = [self.heading(), lead + self.text, self.footing(), f"{self.support()} ({names}): {links}"]
        quoted = "\n>\n".join("> " + part.replace("\n", "\n> ") for part in parts if part)
        return quoted.replace("\\$", "$").replace("$", "\\$")  # JupyterLab takes a pair of dollars for mathematics

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": f"{self.kind} {self.id}", "text/markdown": self.markdown(), FINDING_MIME: asdict(self)}


def finding(
    id: str,
    text: str,
    *,
    sources: pd.DataFrame | pd.Series[Any] | Iterable[str],
    confidence: str,
    reason: str,
) -> Finding:
    """State a finding: the last expression of a cell.

    Parameters
    ----------
    id
        Kebab-case name, unique in the book; the finding's address is ``#finding-<id>``.
    text
        One to three sentences of Markdown, with every number taken from a variable.
    sources
        A table or column of source keys, or a list of them.
    confidence
        ``low``, ``moderate`` or ``high``, by the scale of the methods appendix.
    reason
        Why that confidence, in one sentence.

    Raises
    ------
    ValueError
        If the id, the confidence or the text is not of that form.
    SourceError
        If no source is named, or one is unknown.
    """
    _require(bool(_ID.fullmatch(id)), f"finding id {id!r} must be kebab-case, such as 'containers-gap'")
    _require_words(id, text, confidence, reason)
    known = describe_sources(sources)
    return Finding(
        id, _one_space(text), confidence, _one_space(reason), list(known.index), independent(known["origin"])
    )


def claim(id: str, *, evidence: str, sources: pd.DataFrame | pd.Series[Any] | Iterable[str] | None = None) -> Finding:
    """Show a claim of the article with its verdict, confidence and the evidence for them.

    Parameters
    ----------
    id
        Row of the table ``editorial_claims``, such as ``c06``.
    evidence
        What the book found, one to three sentences, with every number taken from a variable.
    sources
        Sources beyond those of the row itself.

    Raises
    ------
    ValueError
        If there is no such claim.
    """
    claims = load("editorial_claims")
    known_ids = claims["id"].tolist()
    _require(id in known_ids, f"no claim {id!r} in editorial_claims; the table has {', '.join(known_ids)}")
    row = claims.iloc[known_ids.index(id)].to_dict()
    _require_words(id, evidence, str(row["confidence"]), str(row["reason"]))
    known = describe_sources([row["source"]] if sources is None else [row["source"], *split_keys(sources)])
    details = {
        "text": row["claim"],
        "order": int(row["order"]),
        "kind": row["kind"],
        "verdict": str(row["verdict"]),
        "chapter": int(row["chapter"]),
    }
    return Finding(
        id,
        _one_space(evidence),
        str(row["confidence"]),
        str(row["reason"]),
        list(known.index),
        independent(known["origin"]),
        kind="claim",
        claim=details,
    )


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


def _require_words(id: str, text: str, confidence: str, reason: str) -> None:
    _require(confidence in CONFIDENCE, f"{id}: confidence is {confidence!r}, must be one of {', '.join(CONFIDENCE)}")
    _require(bool(text.strip()), f"{id}: the text is empty")
    _require(bool(reason.strip()), f"{id}: give the reason for the confidence")
    for wrong in ("nan", "<NA>", "NaT", "None"):
        _require(
            not re.search(rf"(?<!\w){wrong}(?!\w)", text),
            f"{id}: the text says {wrong!r}: a number behind it is missing",
        )


def _one_space(text: str) -> str:
    return " ".join(text.split())
