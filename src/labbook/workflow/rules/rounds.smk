# In: the runs of a study's rounds so far, and what its looks before decided.
# Out: results/<study>/looks/<number>.json: which combinations get more seeds, as a claim about them
# is undecided.


rule look:
    input:
        prepared=lambda w: graph.node(f"look/{w.study}/{w.number}").inputs[0],
        runs=lambda w: graph.node(f"look/{w.study}/{w.number}").inputs[1:],
        marker=".labbook/keys/look/{study}/{number}",
    output:
        decided="results/{study}/looks/{number}.json",
        key="results/{study}/looks/{number}.key",
    log:
        "results/log/look/{study}/{number}.log",
    benchmark:
        "results/log/look/{study}/{number}.tsv"
    priority: 1  # before any training that could go on meanwhile: others wait for what it asks
    resources:
        mem_mb=1500,
    params:
        asked=lambda w: asked[f"look/{w.study}/{w.number}"],
    shell:
        "python -m labbook job look/{wildcards.study}/{wildcards.number} --from {input.prepared}"
        " --to {output.decided} --asked {params.asked} --log {log}"
