"""How the sources page sets an entry: who published what and when, where to read it, who first made the claim."""

from __future__ import annotations

from typing import Any

from pybtex.richtext import HRef, Tag, Text
from pybtex.style import FormattedEntry
from pybtex.style.formatting.unsrt import Style

from pactbook.sources import origin_name


class SourcesStyle(Style):  # type: ignore[misc]  # pybtex ships no types
    """One form for every kind of source."""

    def format_entry(self, label: str, entry: Any, bib_data: Any = None) -> FormattedEntry:
        """Publisher. Title (linked). Date. Origin of the claim. The label is the key that the tables use."""
        fields = entry.fields
        title = Text.from_latex(fields["title"])
        linked = HRef(fields["url"], title) if fields.get("url") else title
        publisher = ", ".join(str(Text.from_latex(str(person))) for person in entry.persons.get("author", []))
        origin = Tag("em", f"Origin: {origin_name(fields['origin'])}")
        text = Text(publisher, ". ", linked, f". {fields.get('published', 'no date')}. ", origin, ".")
        return FormattedEntry(entry.key, text, entry.key)
