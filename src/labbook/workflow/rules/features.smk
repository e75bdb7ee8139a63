# In: data/prepared/<data set>.
# Out: data/selected/<data set>/<method>-<k>: the columns chosen, per split on its training part.


rule select:
    input:
        prepared="data/prepared/{dataset}.safetensors",
        marker=".labbook/keys/select/{dataset}/{selection}",
    output:
        selected="data/selected/{dataset}/{selection}.json",
        key="data/selected/{dataset}/{selection}.key",
    log:
        "results/log/select/{dataset}/{selection}.log",
    benchmark:
        "results/log/select/{dataset}/{selection}.tsv"
    params:
        asked=lambda w: asked[f"select/{w.dataset}/{w.selection}"],
    shell:
        "python -m labbook job select/{wildcards.dataset}/{wildcards.selection}"
        " --from {input.prepared} --to {output.selected} --asked {params.asked} --log {log}"


rule all_data:
    input:
        [path for pack in graph.plan.packs for path in graph.node(f"train/{pack}").inputs],
