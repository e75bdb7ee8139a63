# In: prepared and selected data, and the packs of the plan; of a later round the looks that ask for
# it, of a tuning the step whose trainings it shares out with others.
# Out: results/runs/<run id>, one file per run, and results/packs/<pack>, the list of a pack's runs.
# Only those are trained that are asked for and not there yet.


rule train:
    input:
        data=lambda w: graph.node(f"train/{w.pack}").inputs,
        marker=".labbook/keys/train/{pack}",
    output:
        pack="results/packs/{pack}.json",
        key="results/packs/{pack}.key",
    log:
        "results/log/train/{pack}.log",
    benchmark:
        "results/log/train/{pack}.tsv"
    threads: 1
    resources:
        mem_mb=1500,
    params:
        asked=lambda w: asked[f"train/{w.pack}"],
    shell:
        "python -m labbook job train/{wildcards.pack} --from {input.data} --to {output.pack}"
        " --asked {params.asked} --log {log}"
