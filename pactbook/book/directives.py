"""Directives for pages that collect from the chapters and the schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from pactbook.book.execute import outputs_of, read_notebook
from pactbook.book.render import BoxNode, finding_node
from pactbook.findings import FINDING_MIME, VERDICT_LABELS, Finding
from pactbook.tables import load, read_package

COLLECTING_PAGES = ["index", "appendices/data-dictionary", "appendices/sources", "appendices/methods"]


class FindingsDirective(SphinxDirective):
    """Copies of findings, each with a link to its working: ``{findings}`` with ids as content, one a line."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the findings in the order asked for."""
        executed: dict[str, Path] = self.env.app.pactbook_executed  # type: ignore[attr-defined]
        found: dict[str, tuple[str, dict[str, Any]]] = {}
        for stem, path in executed.items():
            for _, about in outputs_of(read_notebook(path), FINDING_MIME):
                found[about["id"]] = (stem, about)
        wanted = [line.strip() for line in self.content if line.strip()]
        unknown = [name for name in wanted if name not in found]
        if unknown:
            raise self.error(f"no chapter states the finding {', '.join(unknown)}")
        myst = self.state._renderer  # type: ignore[attr-defined]  # MyST's renderer stands behind docutils' state
        address = self.env.app.builder.get_relative_uri
        return [
            finding_node(Finding(**about), myst, self.lineno, working=address(self.env.docname, f"chapters/{stem}"))
            for stem, about in (found[name] for name in wanted)
        ]


class DataDictionaryDirective(SphinxDirective):
    """The schema in words: every table and column of the data package."""

    def run(self) -> list[nodes.Node]:
        """Return one section a table."""
        package = read_package(Path(self.env.srcdir) / "data")
        return [self._table(resource) for resource in package["resources"]]

    def _table(self, resource: dict[str, Any]) -> nodes.section:
        name = resource["name"]
        section = nodes.section("", nodes.title("", nodes.Text(name)), ids=[f"table-{name.replace('_', '-')}"])
        rows = len(load(name, folder=Path(self.env.srcdir) / "data"))
        section += nodes.paragraph(
            "", "", nodes.strong("", resource["title"]), nodes.Text(f" ({rows} rows). {resource['description']}")
        )
        link = BoxNode(tag="p")
        link += nodes.raw("", f'<a href="../data/{resource["path"]}" download>{name}.csv</a>', format="html")
        section += link
        cells = [[field["name"], _type_words(field), field["description"]] for field in resource["schema"]["fields"]]
        section += _table_node(["Column", "Type and unit", "Meaning"], cells)
        return section


def _type_words(field: dict[str, Any]) -> str:
    kind = "date, as precise as known" if field.get("partialDate") else field["type"]
    parts = [kind] + ([field["unit"]] if "unit" in field else [])
    levels = field.get("categories") or field.get("constraints", {}).get("enum")
    if levels:
        parts.append("one of: " + ", ".join(map(str, levels)))
    if "codes" in field:
        parts.append(f"codes of {field['codes']}, joined by ;")
    return "; ".join(parts)


class ClaimsDirective(SphinxDirective):
    """Overview of the claims that the chapters settle: number, claim, verdict, confidence, chapter."""

    option_spec: ClassVar = {"chapter": directives.positive_int}

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        claims: pd.DataFrame = load("editorial_claims", folder=Path(self.env.srcdir) / "data")
        cells = [
            [str(order), claim, VERDICT_LABELS[str(verdict)], str(confidence), str(chapter)]
            for order, claim, verdict, confidence, chapter in zip(
                claims["order"],
                claims["claim"],
                claims["verdict"],
                claims["confidence"],
                claims["chapter"],
                strict=True,
            )
        ]
        return [_table_node(["No.", "Claim, in our words", "Verdict", "Confidence", "Chapter"], cells)]


def _table_node(header: list[str], rows: list[list[str]]) -> nodes.table:
    longest = [max(len(row[at]) for row in [header, *rows]) for at in range(len(header))]
    widths = [min(max(length, 8), 60) for length in longest]  # room by need, but no column starves
    group = nodes.tgroup("", *[nodes.colspec(colwidth=width) for width in widths], cols=len(header))
    group += [nodes.thead("", _row(header)), nodes.tbody("", *[_row(row) for row in rows])]
    return nodes.table("", group, classes=["pact-table"])


def _row(cells: list[str]) -> nodes.row:
    return nodes.row("", *[nodes.entry("", nodes.paragraph("", nodes.Text(cell))) for cell in cells])


def register(app: Sphinx) -> None:
    """Add the directives."""
    app.add_directive("findings", FindingsDirective)
    app.add_directive("data-dictionary", DataDictionaryDirective)
    app.add_directive("claims", ClaimsDirective)
