"""The page's scripts: modules of plain JavaScript, which the page has as one.

A comment has lines of its own or is a JSDoc comment; an import names what it takes from a module
beside it; names at the top of modules are unique over all of them.
"""

import base64
import hashlib
import re
from pathlib import Path

HERE = Path(__file__).parent
FIRST = "main"  # the only module that does something when it is read
COMMENT = re.compile(r"/\*\*(?:(?!\*/).)*\*/ ?|^[ \t]*//[^\n]*\n", re.M | re.S)
IMPORT = re.compile(r'^import\b[^;]*?\bfrom "\./([\w-]+)\.js";\n', re.M)
EXPORT = re.compile(r"^export (?=(?:async )?function|const|class|let)", re.M)
INDENTATION = re.compile(r"^\s+", re.M)


def joined_scripts(folder: Path = HERE) -> str:
    """All modules that main.js needs as one, what is imported before what imports it.

    Without comments and indentation: the page is for those who read it, not for those who write it.
    """
    texts: dict[str, str] = {}
    _add(FIRST, folder, texts, [])
    return "".join(texts.values())


def script_sum(script: str) -> str:
    """By what a Content-Security-Policy knows this script: the page runs no other."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def _add(name: str, folder: Path, texts: dict[str, str], seen: list[str]) -> None:
    """Add a module to `texts` and, before it, those that it imports and that are not there yet."""
    if name in seen:
        return
    seen.append(name)
    text = COMMENT.sub("", (folder / f"{name}.js").read_text(encoding="utf-8"))
    for needed in IMPORT.findall(text):
        _add(needed, folder, texts, seen)
    texts[name] = INDENTATION.sub("", EXPORT.sub("", IMPORT.sub("", text)))
