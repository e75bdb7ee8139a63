"""The graph as it will be once the downloads that are stale have been done.

Keys and run ids follow from the sums of raw data. A user's own table is copied there by a job; to
say what there is to do, its sum of now counts.
"""

from pathlib import Path
from typing import Any

from labbook.data.own import FILE
from labbook.graph import Graph
from labbook.identity import file_digest
from labbook.recorded import leads_outside


class Foreseen(Graph):
    """For what only looks: a job's key follows from the edition that is there at its end."""

    def edition(self, dataset: str) -> dict[str, Any]:
        """What the download of a data set will have written of it, as far as that is known."""
        known = super().edition(dataset)
        path = getattr(self.plan.params.datasets[dataset], "path", None)
        if path is None or not Path(path).is_file() or leads_outside(Path(path)):
            return known
        total = file_digest(Path(path))
        if total in [file["sha256"] for file in known.get("files", {}).values()]:
            return known
        return {**known, "edition": "own", "files": {FILE: {"sha256": total}}}
