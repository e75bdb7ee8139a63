"""The page's script: page.js, which `make scripts` bundles from the modules in scripts/."""

import base64
import hashlib
from pathlib import Path

BUNDLE = Path(__file__).with_name("page.js")


def page_script() -> str:
    """The script without its first line, which says what it was made of."""
    return BUNDLE.read_text(encoding="utf-8").partition("\n")[2]


def script_sum(script: str) -> str:
    """By what a Content-Security-Policy knows this script: the page runs no other."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"
