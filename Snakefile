# This folder's own code and rules: src/labbook, whatever is installed, also in a copy of the folder.
# params.yaml says what to study; the rules are in src/labbook/book.
import sys

sys.path.insert(0, "src")
shell.prefix('export PYTHONPATH="src:${{PYTHONPATH:-}}"; ')


include: "src/labbook/book/Snakefile"


rule all:
    default_target: True
    input:
        MADE,
