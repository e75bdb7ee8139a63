# In: the origins that params.yaml names (or the mirror, a package, a function, your own file).
# Out: data/raw/<data set>/ with the edition that was found, and data/prepared/<data set>.


rule download:
    input:
        marker=".labbook/keys/download/{dataset}",
    output:
        key="data/raw/{dataset}/key",  # beside edition.json and the files, whose names it knows
    log:
        "results/log/download/{dataset}.log",
    benchmark:
        "results/log/download/{dataset}.tsv"
    params:
        asked=lambda w: asked[f"download/{w.dataset}"],
    shell:
        "python -m labbook job download/{wildcards.dataset} --to {output.key}"
        " --asked {params.asked} --log {log}"


rule all_raw:
    input:
        expand("data/raw/{dataset}/key", dataset=graph.datasets),


rule prepare:
    input:
        raw="data/raw/{dataset}/key",
        marker=".labbook/keys/prepare/{dataset}",
    output:
        prepared="data/prepared/{dataset}.safetensors",
        key="data/prepared/{dataset}.key",
    log:
        "results/log/prepare/{dataset}.log",
    benchmark:
        "results/log/prepare/{dataset}.tsv"
    params:
        asked=lambda w: asked[f"prepare/{w.dataset}"],
    shell:
        "python -m labbook job prepare/{wildcards.dataset} --from {input.raw} --to {output.prepared}"
        " --asked {params.asked} --log {log}"
