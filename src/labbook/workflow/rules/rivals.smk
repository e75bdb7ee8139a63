# In: data/prepared/<data set>.
# Out: results/rivals/<data set>: what simpler models predict on the same splits.


rule rivals:
    input:
        prepared="data/prepared/{dataset}.safetensors",
        marker=".labbook/keys/rivals/{dataset}",
    output:
        predictions="results/rivals/{dataset}.safetensors",
        key="results/rivals/{dataset}.key",
    log:
        "results/log/rivals/{dataset}.log",
    benchmark:
        "results/log/rivals/{dataset}.tsv"
    threads: 1
    resources:
        mem_mb=1500,
    params:
        asked=lambda w: asked[f"rivals/{w.dataset}"],
    shell:
        "python -m labbook job rivals/{wildcards.dataset} --from {input.prepared}"
        " --to {output.predictions} --asked {params.asked} --log {log}"
