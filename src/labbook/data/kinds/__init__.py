"""The kinds of data, by the name that params.yaml gives them.

A new kind is a block in params/datasets.py, a module here, and an entry in `KINDS`.
"""

from labbook.data.kinds import function, images, table
from labbook.data.kinds.kind import Kind

KINDS: dict[str, Kind] = {
    "table": table.KIND,
    "images": images.KIND,
    "function": function.KIND,
}
