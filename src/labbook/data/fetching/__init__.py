"""Where raw data come from: origins and mirrors, packages, stand-ins, or a computation."""

from labbook.data.fetching.packages import PACKAGES
from labbook.data.fetching.stand_ins import STAND_INS
from labbook.data.kinds import KINDS
from labbook.data.kinds.kind import Maker

# What makes raw files, by the names that `made_by` of the blocks in params/datasets.py gives.
MAKERS: dict[str, Maker] = {
    **PACKAGES,
    **{f"stand-in {name}": maker for name, maker in STAND_INS.items()},
    **{name: kind.maker for name, kind in KINDS.items() if kind.maker is not None},
}
