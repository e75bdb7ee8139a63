# In: data/prepared/<data set>.
# Out: results/data/<data set>/: what it looks like, for people. Nothing is trained on it.


rule describe:
    input:
        prepared="data/prepared/{dataset}.safetensors",
        marker=".labbook/keys/describe/{dataset}",
    output:
        description="results/data/{dataset}/description.json",
        key="results/data/{dataset}/description.key",
    log:
        "results/log/describe/{dataset}.log",
    benchmark:
        "results/log/describe/{dataset}.tsv"
    params:
        asked=lambda w: asked[f"describe/{w.dataset}"],
    shell:
        "python -m labbook job describe/{wildcards.dataset} --from {input.prepared}"
        " --to {output.description} --asked {params.asked} --log {log}"
