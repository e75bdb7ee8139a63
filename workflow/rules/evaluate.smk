# In: the runs of a study.
# Out: results/<study>/: tables of runs, combinations, verdicts, diagnoses and more; the champion.
from labbook.provenance.nodes import TABLES


rule evaluate:
    input:
        runs=lambda w: graph.study_inputs(w.study),
        marker=".labbook/keys/evaluate/{study}",
    output:
        summary="results/{study}/study.json",
        tables=expand("results/{{study}}/{table}", table=TABLES),
        key="results/{study}/study.key",
    log:
        "results/log/evaluate/{study}.log",
    benchmark:
        "results/log/evaluate/{study}.tsv"
    resources:
        mem_mb=1500,
    params:
        asked=lambda w: asked[f"evaluate/{w.study}"],
    shell:
        "python -m labbook job evaluate/{wildcards.study} --asked {params.asked} --log {log}"
