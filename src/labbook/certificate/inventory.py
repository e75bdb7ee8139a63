"""What a copy of a project asks for, printed as JSON.

The text of this module is run in the copy with the copy's own labbook, which may be of another
commit than this one: so it uses little of it.
"""

import json
from typing import Any

from labbook.provenance.graph import Graph


def inventory() -> dict[str, Any]:
    """Studies with their combinations and run ids, the nodes' keys, each run's libraries.

    `asked` is a study's name in params.yaml, which may name several data sets.
    """
    graph = Graph.load()
    studies = {name: graph.study(name) for name in graph.plan.studies}
    return {
        "studies": {
            name: {
                "asked": getattr(study, "asked", (name,))[0],  # older commits: one data set
                "dataset": study.dataset,
                "combinations": {c.label: dict(c.settings) for c in study.combinations},
                "reference": study.reference,
                "controls": None if controls is None else list(controls.labels),
                "runs": [[label, seed, run] for (label, seed), run in study.runs.items()],
            }
            for name, study in studies.items()
            for controls in [getattr(study, "controls", None)]  # older commits had none
        },
        "nodes": {n.name: [n.key, n.key_file.as_posix()] for n in graph.nodes.values()},
        "upstream": {n.name: list(n.upstream) for n in graph.nodes.values()},
        "libraries": {
            graph.run_ids[key]: dict(identity["libraries"])
            for key, identity in graph.identities.items()
        },
        "paths": {name: _own(block) for name, block in graph.plan.params.datasets.items()},
    }


def _own(block: Any) -> list[str]:
    """Paths of the user's own files; older commits knew one alone."""
    files = getattr(block, "own_files", None)
    if files is None:
        files = {"table": block.path} if getattr(block, "path", None) else {}
    return list(files.values())


def _plain(value: Any) -> Any:
    """A setting that may be given as a block."""
    return value.model_dump(mode="json")


if __name__ == "__main__":
    print(json.dumps(inventory(), default=_plain))
