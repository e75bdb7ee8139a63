"""Links in documents lead somewhere: to a file of the project, and to a heading that it has."""

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

FOLDERS = ("", "docs", "examples", "tables", "tests", "src/labbook/starting/folder")
DOCUMENTS = sorted(path for folder in FOLDERS for path in (ROOT / folder).glob("*.md"))
LINK = re.compile(r"\]\(([^()\s]+)\)")
FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
ANEW = "calibration.md"  # made by a program; its headings follow from what is tried


def anchors(document: Path) -> set[str]:
    """What GitHub calls the headings: small letters, without marks, hyphens for spaces."""
    found: set[str] = set()
    for line in FENCED.sub("", document.read_text()).splitlines():
        if heading := re.match(r"#{1,6} +(.+?)[ #]*$", line):
            words = re.sub(r"\]\([^)]*\)", "", heading[1]).lower()
            name = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
            number = sum(bool(re.fullmatch(rf"{re.escape(name)}(-\d+)?", one)) for one in found)
            found.add(f"{name}-{number}" if number else name)
    return found


def broken(document: Path) -> list[str]:
    """The links of a document that lead nowhere; those to other places of the web are not tried."""
    wrong = []
    for target in LINK.findall(CODE.sub("", FENCED.sub("", document.read_text()))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = document.parent / name if name else document
        known = path.exists() and (not anchor or path.name == ANEW or anchor in anchors(path))
        if not known:
            wrong.append(target)
    return wrong


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    assert broken(document) == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A `heading`, twice\n## A heading twice\n```\n# no heading\n[no](no-link)\n```\n"
        "[1](#a-heading-twice) [2](#a-heading-twice-1) [3](#no-heading) [4](other.md) "
        "[5](page.md#a-heading) `[6](code.md)` [7](https://example.org/x#y)\n"
    )
    assert broken(page) == ["#no-heading", "other.md", "page.md#a-heading"]


def test_what_the_code_says_of_documents_is_there() -> None:
    """Messages and the page name documents, and headings in them."""
    named = {
        target
        for path in (ROOT / "src/labbook").rglob("*")
        if path.suffix in (".py", ".j2")
        for target in re.findall(r"docs/[\w-]+\.md(?:#[\w-]+)?", path.read_text())
    }
    assert "docs/evidence.md" in named
    for target in named:
        name, _, anchor = target.partition("#")
        assert (ROOT / name).exists(), target
        assert not anchor or anchor in anchors(ROOT / name), target
