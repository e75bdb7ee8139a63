"""The page's style: files of CSS, which the page has as one."""

from pathlib import Path

HERE = Path(__file__).parent
FIRST, LAST = "base.css", "print.css"


def joined_style() -> str:
    """All files: what the others build upon first, what paper changes of them last."""
    between = sorted(path.name for path in HERE.glob("*.css") if path.name not in (FIRST, LAST))
    names = (FIRST, *between, LAST)
    return "".join((HERE / name).read_text(encoding="utf-8") for name in names)
