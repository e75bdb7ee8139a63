"""Foresees what Snakemake would make: the graph as it will be after the downloads that are stale.

Keys and run ids follow from the checksums of raw data. A job copies a user's own table there; to
say what there is to do, its checksum of now counts.
"""

from pathlib import Path
from typing import Any

from labbook.identity.code import file_digest
from labbook.paths import leads_outside
from labbook.provenance.graph import Graph
from labbook.provenance.keyfile import is_fresh
from labbook.provenance.nodes import Node
from labbook.provenance.sums import Sums


class Foreseen(Graph):
    """For what only looks: a job's key follows from the edition that is there at its end."""

    def edition(self, dataset: str) -> dict[str, Any]:
        """What the download of a data set will have written of it, as far as that is known."""
        edition = super().edition(dataset)
        block = self.plan.params.datasets[dataset]
        path = block.own_path
        if path is None or not Path(path).is_file() or leads_outside(Path(path)):
            return edition
        total = file_digest(Path(path))
        if total in [file["sha256"] for file in edition.get("files", {}).values()]:
            return edition
        return {**edition, "edition": "own", "files": {block.OWN_COPY: {"sha256": total}}}

    def to_run(self, sums: Sums, folder: Path = Path()) -> list[Node]:
        """The nodes under `folder` that Snakemake would make: stale ones, and what follows on them.

        A job that runs for a missing file alone gives what is made from it new inputs, too.
        """
        stale: dict[str, Node] = {}
        for name, node in self.nodes.items():  # upstream first
            inside = node.key_file.is_relative_to(folder)
            if inside and (any(up in stale for up in node.upstream) or not is_fresh(node, sums)):
                stale[name] = node
        return list(stale.values())
