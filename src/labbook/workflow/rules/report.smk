# In: the tables of all studies, the descriptions of their data, the figures of tunings.
# Out: results/claims.csv, results/datasets.csv, results/<study>/figures/, results/report.html; for DVC results/metrics.json and results/plots.csv.


rule figures:
    input:
        tables="results/{study}/study.json",
        marker=".labbook/keys/figures/{study}",
    output:
        index="results/{study}/figures/index.json",
        key="results/{study}/figures/figures.key",
    log:
        "results/log/figures/{study}.log",
    benchmark:
        "results/log/figures/{study}.tsv"
    params:
        asked=lambda w: asked[f"figures/{w.study}"],
    shell:
        "python -m labbook job figures/{wildcards.study} --from {input.tables} --to {output.index}"
        " --asked {params.asked} --log {log}"


rule claims:
    input:
        verdicts=expand("results/{study}/verdicts.csv", study=graph.plan.studies),
        marker=".labbook/keys/claims",
    output:
        table="results/claims.csv",
        datasets="results/datasets.csv",
        key="results/claims.key",
    log:
        "results/log/claims.log",
    benchmark:
        "results/log/claims.tsv"
    params:
        asked=asked["claims"],
    shell:
        "python -m labbook job claims --from {input.verdicts} --to {output.table} {output.datasets}"
        " --asked {params.asked} --log {log}"


rule report:
    input:
        claims="results/claims.csv",
        datasets="results/datasets.csv",
        figures=expand("results/{study}/figures/index.json", study=graph.plan.studies),
        described=expand("results/data/{dataset}/description.json", dataset=graph.datasets),
        tunings=expand("results/tune/{tuning}/figures/index.json", tuning=graph.plan.tunings),
        marker=".labbook/keys/report",
    output:
        page="results/report.html",
        metrics="results/metrics.json",
        plots="results/plots.csv",
        key="results/report.key",
    log:
        "results/log/report.log",
    benchmark:
        "results/log/report.tsv"
    params:
        asked=asked["report"],
    shell:
        "python -m labbook job report --from {input.claims} {input.datasets} {input.figures}"
        " {input.described} {input.tunings} --to {output.page} {output.metrics} --asked {params.asked} --log {log}"
