# In: the steps of a tuning before this one, and the trainings that the last of them asked for.
# Out: results/tune/<tuning>/<number>-<step>.json: what was found, what is decided, what is asked for
# next; at the end results/tune/<tuning>/report.html.
from labbook.provenance.nodes_of_tunings import step_files


rule tune:
    input:
        prepared=lambda w: graph.node(f"tune/{w.tuning}/{w.step}").inputs[0],
        before=lambda w: graph.node(f"tune/{w.tuning}/{w.step}").inputs[1:],
        marker=".labbook/keys/tune/{tuning}/{step}",
    output:
        found="results/tune/{tuning}/{step}.json",
        key="results/tune/{tuning}/{step}.key",
    log:
        "results/log/tune/{tuning}/{step}.log",
    benchmark:
        "results/log/tune/{tuning}/{step}.tsv"
    wildcard_constraints:
        step="[0-9]+[ab]?-[a-z0-9-]+",
    priority: 1  # before any training that could go on meanwhile: others wait for what it asks
    resources:
        mem_mb=1500,
    params:
        asked=lambda w: asked[f"tune/{w.tuning}/{w.step}"],
    shell:
        "python -m labbook job tune/{wildcards.tuning}/{wildcards.step} --from {input.prepared}"
        " --to {output.found} --asked {params.asked} --log {log}"


rule tuned:
    input:
        steps=lambda w: step_files(graph.plan.tunings[w.tuning]),
        marker=".labbook/keys/tuned/{tuning}",
    output:
        page="results/tune/{tuning}/report.html",
        figures="results/tune/{tuning}/figures/index.json",
        key="results/tune/{tuning}/report.key",
    log:
        "results/log/tuned/{tuning}.log",
    benchmark:
        "results/log/tuned/{tuning}.tsv"
    params:
        asked=lambda w: asked[f"tuned/{w.tuning}"],
    shell:
        "python -m labbook job tuned/{wildcards.tuning} --from {input.steps} --to {output.page}"
        " --asked {params.asked} --log {log}"
