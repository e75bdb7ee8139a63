# In: what there is. Out: what `snakemake --report report.zip` shows beside the workflow itself.
# Without --report it adds nothing: figures are named by contents, so no rule has them as outputs.
from snakemake.io import report as in_report  # at a line's beginning, `report` is a keyword

from labbook.running.snakemake_report import shown

MADE += [
    in_report(
        one.path,
        caption=one.caption,
        category=one.category,
        subcategory=one.subcategory,
        labels={"shows": one.title},
    )
    for one in shown(sys.argv, list(graph.plan.studies))
]
