# The way of the data: download -> prepare -> select -> train -> evaluate -> figures -> report.
# params.yaml says what to study; the rules are in workflow/rules, one file per stage.
import sys

sys.path.insert(0, "src")  # this folder's code, also in a copy of the folder
shell.prefix('export PYTHONPATH="src:${{PYTHONPATH:-}}"; ')

from labbook.errors import LabbookError
from labbook.running.begin import begin
from labbook.provenance.graph import Graph

try:
    # Keys: a pure function of params.yaml, the code's text and the edition of the data. The main
    # process also takes the folder for itself, and marks what is stale by the keys.
    graph = begin(sys.argv[1:]) if workflow.is_main_process else Graph.load()
except LabbookError as error:
    sys.exit(f"labbook: {error}")
except KeyboardInterrupt:
    sys.exit("labbook: interrupted; run the same command again to go on.")

asked = graph.asked


# On a cluster these run where snakemake does: they take seconds, and downloads need the internet.
localrules:
    all,
    all_raw,
    all_data,
    download,
    prepare,
    select,
    evaluate,
    claims,
    figures,
    report,


include: "workflow/rules/data.smk"
include: "workflow/rules/features.smk"
include: "workflow/rules/rivals.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        "results/report.html",
        "results/metrics.json",
        "results/claims.csv",
