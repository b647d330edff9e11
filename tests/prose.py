"""What the chapters' words must keep to; each check returns its problems, so that a test can show it failing."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from pactbook.book.execute import tables_used
from pactbook.figures import FIGURE_MIME
from pactbook.findings import FINDING_MIME

HEADINGS = ["The answer", "What is not known", "What the editorial said", "Exercises", "Further reading"]
MOST_LINES, MOST_SETUP_LINES, MOST_BYTES = 15, 6, 200_000

MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
NOT_MEASURED = [
    r"`[^`]*`",  # code and roles such as {cite}
    r"\]\([^)]*\)",  # addresses of links
    r"https?://\S+",
    r"(?m)^(:[a-z-]+:|```|:{3,}).*$",  # directives and their options
    r"\*\*Time:\*\* about \d+ minutes",
    r"(?m)^#+ .*$",  # headings are numbered
    r"(?m)^\s*\d+\. ",  # numbered lists
    r"\b\d{4}-\d{2}(-\d{2})?\b",
    rf"\b\d{{1,2}}(–\d{{1,2}})? ({MONTHS})\b( \d{{4}})?",
    rf"\b({MONTHS}) \d{{1,2}}\b",
    r"\b(19|20)\d{2}s?\b",  # years
    r"\b(Article|Articles|article|articles|resolution|Resolution|resolutions|Chapter|chapter|chapters|Figure|Claim|Exercise|"
    r"Step|step|section|Part|paragraph|No\.)\s+\d+(\.\d+)?((,|\s+and|\s+to|–|-)\s*\d+)*",
    r"\b(S|A)/[A-Z0-9/.]+\d+(/\d+)?\b|\b\d+/\d+\b",  # UN documents
    r"\b[A-Za-z]+-?\d+[A-Za-z]*(/\d+)?\b",  # names: KN-23, K9, G8, FA-50
    r"\b(1718|2397|2375|2321|2270|2094|2087|1874|1695|1540|2371|2680|2569|2627)\b",  # Council resolutions by number
    r"\b(122|130|152|155|170|203|240|300|600) ?(mm|millimetres?)\b",  # calibres are names
    r"\b38th parallel\b",
    r"\b(20|40)[- ]foot\b",  # containers are named for their length
]
NUMBER_WORDS = re.compile(
    r"\b(eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|"
    r"ninety|dozens?|hundreds?|thousands?|millions?|billions?|percent|per cent|twice|double[ds]?|tripled?|halved?|"
    r"two[- ]thirds|three[- ]quarters|a (third|quarter|fifth) of|half of)\b",
    re.IGNORECASE,
)
FOREIGN_WORDS = re.compile(
    r"/(work|root|farm)/|/tmp/|pypi\.org|npmjs|\bTODO\b|\bFIXME\b|coming soon|lorem ipsum|as an ai\b", re.IGNORECASE
)


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def measured_quantities(markdown: str) -> list[str]:
    """Digits and number words that a finding should have stated."""
    rest = markdown
    for pattern in NOT_MEASURED:
        rest = re.sub(pattern, " ", rest)
    return re.findall(r"\S*\d[\d,.]*\S*", rest) + [match.group(0) for match in NUMBER_WORDS.finditer(rest)]


def typed_numbers(notebook: NotebookNode) -> list[str]:
    return [
        f"cell {number}: {found}"
        for number, cell in enumerate(notebook.cells, start=1)
        if cell.cell_type == "markdown"
        for found in measured_quantities(cell.source)
    ]


def cited_keys(text: str) -> set[str]:
    """Keys of every {cite} role."""
    roles = re.findall(r"\{cite(?::[a-z]+)?\}`([^`]+)`", text)
    return {key.strip() for role in roles for key in role.split(",")}


def shape_problems(notebook: NotebookNode, path: Path) -> list[str]:
    """The chapter's fixed parts, in their order."""
    problems: list[str] = []
    markdown = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    number = int(path.stem.split("-")[0])
    if not markdown or not re.match(rf"# {number}\. .+\n\n\S", markdown[0]):
        problems.append(f"must open with '# {number}. Title' and the question below it")
    opening = markdown[0] if markdown else ""
    for part in ("**You will be able to**", "**Time:**", "**Tables:**", "**Newest evidence:**"):
        if part not in opening:
            problems.append(f"the opening lacks {part}")
    headings = re.findall(r"(?m)^## (.+)$", "\n".join(markdown))
    if [heading for heading in headings if heading in HEADINGS] != HEADINGS:
        problems.append(f"must have these headings in order: {', '.join(HEADINGS)}")
    if headings and headings[0] != HEADINGS[0]:
        problems.append("the answer must come first")
    if len(headings) < len(HEADINGS) + 2:
        problems.append("the working needs at least two sections of its own")
    named = re.search(r"\*\*Tables:\*\*(.*?)(\n\*\*|\n\n|\*\*Newest|\Z)", opening, re.DOTALL)
    listed = set(re.findall(r"`([a-z0-9_]+)`", named.group(1))) if named else set()
    used = tables_used(notebook) - {"editorial_claims"}
    if listed - {"editorial_claims"} != used:
        problems.append(f"lists tables {sorted(listed)} but loads {sorted(used)}")
    return problems


def cell_problems(notebook: NotebookNode) -> list[str]:
    """Cells stay short; the set-up is one small cell."""
    problems: list[str] = []
    code = [(number, cell) for number, cell in enumerate(notebook.cells, start=1) if cell.cell_type == "code"]
    for number, cell in code:
        if len(cell.source.splitlines()) > MOST_LINES:
            problems.append(f"cell {number} has {len(cell.source.splitlines())} lines, at most {MOST_LINES}")
    if code and len(code[0][1].source.splitlines()) > MOST_SETUP_LINES:
        problems.append(f"the set-up cell has {len(code[0][1].source.splitlines())} lines, at most {MOST_SETUP_LINES}")
    return problems


def exercise_problems(notebook: NotebookNode) -> list[str]:
    """Three to five exercises, each followed by a hidden solution that runs."""
    problems: list[str] = []
    starts = [
        at
        for at, cell in enumerate(notebook.cells)
        if cell.cell_type == "markdown" and re.search(r"(?m)^### Exercise", cell.source)
    ]
    if not 3 <= len(starts) <= 5:
        problems.append(f"has {len(starts)} exercises, needs three to five")
    for at, end in zip(starts, [*starts, len(notebook.cells)][1:], strict=True):
        solutions = [cell for cell in notebook.cells[at + 1 : end] if "solution" in cell.metadata.get("tags", [])]
        if not any(cell.cell_type == "code" and "hide-cell" in cell.metadata.tags for cell in solutions):
            problems.append(f"cell {at + 1}: the exercise has no hidden solution that runs")
    return problems


def storage_problems(notebook: NotebookNode, path: Path) -> list[str]:
    """Notebooks in git: small, with findings, without figures."""
    problems: list[str] = []
    if path.stat().st_size > MOST_BYTES:
        problems.append(f"is {path.stat().st_size} bytes, at most {MOST_BYTES}")
    mimes = [mime for cell in notebook.cells for output in cell.get("outputs", []) for mime in output.get("data", {})]
    if FIGURE_MIME in mimes:
        problems.append("stores a figure: run `make accept`")
    if mimes.count(FINDING_MIME) < 3:
        problems.append("stores fewer than three findings: run `make accept`")
    return problems
