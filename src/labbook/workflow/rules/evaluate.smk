# In: the runs of a study.
# Out: results/<study>/: tables of runs, combinations, verdicts, diagnoses and more; the champion.
from labbook.provenance.nodes import TABLES


rule evaluate:
    input:
        prepared=lambda w: graph.node(f"evaluate/{w.study}").inputs[0],
        runs=lambda w: graph.node(f"evaluate/{w.study}").inputs[1:],  # too many for a command
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
        "python -m labbook job evaluate/{wildcards.study} --from {input.prepared} --to {output.summary}"
        " --asked {params.asked} --log {log}"
