"""`make scripts`: bundles the modules of the report's page to page.js, by esbuild.

Its first line has the digest of all modules, so that a test without Node.js can tell whether it was
made of them.
"""

import hashlib
import subprocess

from tests.conftest import ROOT

PAGE = ROOT / "src/labbook/report/page"
MODULES, BUNDLE = PAGE / "scripts", PAGE / "page.js"
ESBUILD = ROOT / "tests/page/node_modules/.bin/esbuild"
OPTIONS = ("--bundle", "--minify", "--format=esm", "--charset=utf8", "--target=es2022")


def first_line() -> str:
    """What page.js begins with when it is made of the modules as they are."""
    texts = hashlib.sha256()
    for path in sorted(MODULES.glob("*.js")):
        texts.update(f"{path.name}\n{path.read_text(encoding='utf-8')}\n".encode())
    return f"// Made by `make scripts` from scripts/*.js, SHA-256 {texts.hexdigest()}"


def main() -> None:
    """Write page.js anew."""
    command = [str(ESBUILD), str(MODULES / "main.js"), *OPTIONS]
    made = subprocess.run(command, capture_output=True, check=True, text=True, encoding="utf-8")
    BUNDLE.write_text(f"{first_line()}\n{made.stdout}", encoding="utf-8", newline="\n")
    print(f"{BUNDLE.relative_to(ROOT)}: {len(made.stdout.encode()):,} bytes")


if __name__ == "__main__":
    main()
