# This folder's own code and rules: src/labbook, whatever is installed, also in a copy of the folder.
# params.yaml says what to study; the rules are in src/labbook/workflow.
import sys

sys.path.insert(0, "src")
shell.prefix('export PYTHONPATH="src:${{PYTHONPATH:-}}"; ')


include: "src/labbook/workflow/Snakefile"


rule all:
    default_target: True
    input:
        MADE,
