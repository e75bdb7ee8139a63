"""The page's contents: its studies by data set, and how the claims of each came out."""

from collections.abc import Mapping, Sequence
from typing import Any

from labbook.report.page.claims import verdicts_in_words


def contents(views: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What contents.html.j2 calls `contents`: a group for each data set, in the studies' order."""
    groups: dict[tuple[str, bool], list[dict[str, Any]]] = {}
    for view in views:
        groups.setdefault((view["data"], view["stand_in"]), []).append(
            {
                "name": view["name"],
                "marks": [(claim["css"], claim["symbol"]) for claim in view["claims"]],
                "said": verdicts_in_words(claim["verdict"] for claim in view["claims"]),
            }
        )
    return [
        {"data": data, "stand_in": stand_in, "studies": studies}
        for (data, stand_in), studies in groups.items()
    ]
