"""Turn the outputs of a chapter into page elements: figures and findings."""

from __future__ import annotations

from html import escape
from typing import Any, ClassVar

from docutils import nodes
from sphinx.application import Sphinx

from pactbook.figures import FIGURE_MIME
from pactbook.findings import FINDING_MIME, Finding
from pactbook.sources import describe_sources, independent, origin_name

DATA_FOLDER = "_static/figures"
MAP_WIDTH = 660  # pixels of the text column on a desktop, which a map's height is chosen for
PHONE_MAP_HEIGHT = 330  # pixels that a map and a legend of three lines need on a phone


class BookFigureNode(nodes.General, nodes.Element):
    """A figure of the book; its children are the caption's elements."""


class BoxNode(nodes.General, nodes.Element):
    """An HTML element with a class and an id round its children."""


class FigureRenderer:
    """MyST-NB renderer of Plotly's JSON type."""

    mime_priority_overrides: ClassVar = [("*", FIGURE_MIME, 1)]

    @staticmethod
    def handle_mime(renderer: Any, data: Any, inline: bool) -> list[nodes.Element] | None:
        """Return the figure's element, or None for other types."""
        if data.mime_type != FIGURE_MIME or inline:
            return None
        about = data.content["layout"]["meta"]["pactbook"]
        number = data.output_metadata["pactbook"]["number"]
        height = int(data.content["layout"].get("height", 460))
        node = BookFigureNode(
            ids=[f"fig-{about['name']}"],
            number=number,
            height=_drawing_height(data.content["layout"], height),
            geo="geo" in data.content["layout"],
            words={part: about[part] for part in ("name", "title", "subtitle", "alt")},
        )
        node += sources_list(about["sources"], renderer.renderer.sphinx_env.docname)
        return [node]


def _drawing_height(layout: dict[str, Any], height: int) -> int:
    """Height of the drawing in a page, where title and subtitle stand outside it."""
    return height - int(layout.get("margin", {}).get("t", 0)) + top_margin(layout)


def top_margin(layout: dict[str, Any]) -> int:
    """Pixels above the plot in a page: few, as its title stands outside, unless subplots have titles of their own."""
    notes = layout.get("annotations", [])
    above = any(
        note.get("yref") == "paper" and note.get("y", 0) > 0.99 and note.get("yanchor") == "bottom" for note in notes
    )
    return 36 if above else 16


class FindingRenderer:
    """MyST-NB renderer of findings and claims."""

    mime_priority_overrides: ClassVar = [("*", FINDING_MIME, 1)]

    @staticmethod
    def handle_mime(renderer: Any, data: Any, inline: bool) -> list[nodes.Element] | None:
        """Return the finding's element, or None for other types."""
        if data.mime_type != FINDING_MIME or inline:
            return None
        return [finding_node(Finding(**data.content), renderer.renderer, data.line or 0)]


def finding_node(about: Finding, myst: Any, line: int, *, working: str = "") -> BoxNode:
    """Page element of a finding; with ``working``, the address of the original, it is a copy that links there."""
    anchor = f"{about.kind}-{about.id}"
    classes = [f"pact-{about.kind}"] + ([f"pact-verdict-{about.claim['verdict']}"] if about.claim else [])
    box = BoxNode(tag="div", ids=[] if working else [anchor], classes=classes)
    with myst.current_node_context(box):
        myst.nested_render_text(
            "\n\n".join(part for part in (about.heading(), about.text, about.footing()) if part), line
        )
    if working:
        box += nodes.paragraph(
            "", "", nodes.reference("", "Read the working", refuri=f"{working}#{anchor}", internal=True)
        )
    box += sources_list(about.sources, myst.sphinx_env.docname)
    return box


def sources_list(keys: list[str], page: str) -> BoxNode:
    """Foldable list of sources under the origin that each comes from."""
    sources = describe_sources(keys)
    by_origin = sources.groupby("origin", sort=True)
    documents, bodies = len(sources), len(independent(sources["origin"]))
    fold = BoxNode(tag="details", classes=["pact-sources"])
    summary = BoxNode(tag="summary")
    summary += nodes.Text(
        f"{documents} source{'s' * (documents != 1)}, {bodies} independent origin{'s' * (bodies != 1)}"
    )
    listing = nodes.bullet_list(bullet="-")
    for origin, group in by_origin:
        item = nodes.paragraph("", nodes.Text(f"{origin_name(str(origin))}: "))
        for position, key in enumerate(group.index):
            if position:
                item += nodes.Text("; ")
            item += citation(key, page)
        listing += nodes.list_item("", item)
    fold += [summary, listing]
    return fold


def citation(key: str, page: str) -> nodes.Element:
    """Cross-reference to an entry of the sources page, resolved by sphinxcontrib-bibtex like any citation."""
    from sphinx.addnodes import pending_xref

    return pending_xref(
        "",
        nodes.inline("", key),
        refdomain="cite",
        reftype="t",
        reftarget=key,
        refwarn=True,
        refexplicit=False,
        refdoc=page,  # links are relative to the page that they stand on
    )


def visit_figure(translator: Any, node: BookFigureNode) -> None:
    """Open the figure; the script fills the drawing when it nears the viewport."""
    words = {part: escape(text) for part, text in node["words"].items()}
    name, anchor = words["name"], node["ids"][0]
    root = translator.builder.get_relative_uri(translator.builder.current_docname, "index")
    root = root.rsplit("/", 1)[0] + "/" if "/" in root else ""
    data = f"{root}{DATA_FOLDER}/{name}.csv"
    translator.body.append(
        f'<figure class="pact-figure" id="{anchor}" data-figure="{name}" aria-labelledby="{anchor}-title">\n'
        f'<p class="pact-figure-title" id="{anchor}-title">'
        f'<span class="pact-figure-number">Figure {node["number"]}</span> {words["title"]}</p>\n'
        f'<p class="pact-figure-subtitle">{words["subtitle"]}</p>\n'
        f'<div class="pact-figure-drawing" role="group" aria-label="Interactive figure" '
        f'aria-describedby="{anchor}-alt" '
        f'style="{_size(node)}"><p class="pact-figure-wait">Drawing the figure…</p></div>\n'
        f"<noscript><p>The interactive drawing needs JavaScript; its description and data stand below.</p></noscript>\n"
        f"<figcaption>\n"
        f'<details class="pact-figure-alt" open><summary>What it shows</summary>'
        f'<p id="{anchor}-alt">{words["alt"]}</p></details>\n'
        f'<p class="pact-figure-tools"><a href="{data}" download="{name}.csv">Data (CSV)</a> '
        f'<button type="button" class="pact-figure-image">Image (PNG)</button> '
        f'<a href="#{anchor}">Link to this figure</a></p>\n'
    )


def _size(node: BookFigureNode) -> str:
    """A chart keeps its height on a phone; a map shrinks with its width, but leaves room for its legend."""
    height = node["height"]
    shape = f"aspect-ratio:{MAP_WIDTH}/{height};max-height:{height}px;min-height:{min(height, PHONE_MAP_HEIGHT)}px"
    return shape if node["geo"] else f"height:{height}px"


def depart_figure(translator: Any, node: BookFigureNode) -> None:
    """Close the figure."""
    translator.body.append("</figcaption>\n</figure>\n")


def visit_box(translator: Any, node: BoxNode) -> None:
    """Open the element."""
    ids = f' id="{node["ids"][0]}"' if node["ids"] else ""
    classes = f' class="{" ".join(node["classes"])}"' if node["classes"] else ""
    translator.body.append(f"<{node['tag']}{ids}{classes}>")


def depart_box(translator: Any, node: BoxNode) -> None:
    """Close the element."""
    translator.body.append(f"</{node['tag']}>\n")


def register(app: Sphinx) -> None:
    """Tell Sphinx how to write the two elements as HTML."""
    app.add_node(BookFigureNode, html=(visit_figure, depart_figure))
    app.add_node(BoxNode, html=(visit_box, depart_box))
