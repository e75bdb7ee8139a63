"""The parts of params.yaml that have no mistake: checked further, so that all are told at once."""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from labbook.params.messages import Mistake, Path

# Parts of a study that say nothing of its combinations, and what may stand in their place.
LOOSE: Mapping[str, Any] = {
    "question": "?",
    "reference": None,
    "metric": None,
    "threshold": None,
    "claims": [],
    "published": [],
}
APART = (
    "stand_ins",
    "engine",
    "device",
    "packs",
    "rivals",
    "controls",
    "report",
)  # no other block's mistakes need them


@dataclass(frozen=True)
class Remainder:
    """A document, and `claims`: where those of a study stood of which some were taken away."""

    document: dict[str, Any]
    claims: Mapping[str, list[int]] = field(default_factory=dict)

    def original(self, mistake: Mistake) -> Mistake:
        """The same mistake at its place in the document as it is written."""
        match mistake.path:
            case ("studies", str(name), "claims", int(number), *rest) if name in self.claims:
                path = ("studies", name, "claims", self.claims[name][number], *rest)
                return Mistake(path, mistake.text)
        return mistake

    def without(self, mistakes: Iterable[Mistake]) -> "Remainder | None":
        """What is left without the parts that have `mistakes`, and without what needs those.

        None where nothing can be said of the rest, as without seeds.
        """
        left = copy.deepcopy(self.document)
        apart = all(_take(left, mistake.path) for mistake in mistakes)
        no_study = self.document.get("studies") == {}  # a mistake of the whole, which is told once
        if not apart or (left == self.document and not no_study):
            return None
        _take_users(left, self.document)
        claims = dict(self.claims)
        for name, study in left["studies"].items():
            own = study.get("claims") or []
            kept = [number for number, claim in enumerate(own) if claim is not None]
            if len(kept) < len(own):
                places = claims.get(name, range(len(own)))
                claims[name] = [places[number] for number in kept]
                study["claims"] = [own[number] for number in kept]
        return Remainder(left, claims)


def _take(left: dict[str, Any], path: Path) -> bool:
    """Take the part with a mistake at `path` away; whether the rest has a meaning without it."""
    match path:
        case ("datasets" | "recipes" | "tune" as block, str(name), *_):
            left[block].pop(name, None)
        case ("studies",):
            left["studies"] = {}
        case ("studies", name, *_) if name not in left["studies"]:
            pass  # taken before
        case ("studies", name, "claims", int(number), *_) if left["studies"][name]["claims"]:
            left["studies"][name]["claims"][number] = None
        case ("studies", name, str(part), *_) if part in LOOSE:
            left["studies"][name][part] = copy.copy(LOOSE[part])
        case ("studies", name, *_):
            left["studies"].pop(name)
        case (key, *_) if key in APART:
            left.pop(key, None)
        case _:
            return False
    return True


def _take_users(left: dict[str, Any], document: Mapping[str, Any]) -> None:
    """Take recipes and studies away that name what is no longer there."""
    datasets = document["datasets"].keys() - left["datasets"].keys()
    recipes = {n for n, recipe in left["recipes"].items() if recipe.get("dataset") in datasets}
    left["recipes"] = {n: r for n, r in left["recipes"].items() if n not in recipes}
    recipes |= document["recipes"].keys() - left["recipes"].keys()
    if "tune" in left:
        left["tune"] = {
            name: block
            for name, block in left["tune"].items()
            if not {block.get("recipe"), block.get("than")} & recipes
        }
    left["studies"] = {
        name: study
        for name, study in left["studies"].items()
        if study.get("recipe") not in recipes
        and not any(_names(study.get(part), datasets) for part in ("vary", "set", "datasets"))
    }


def _names(value: Any, names: set[str]) -> bool:
    """Whether one of `names` stands anywhere in a value."""
    if isinstance(value, Mapping | list):
        parts = value.values() if isinstance(value, Mapping) else value
        return any(_names(part, names) for part in parts)
    return isinstance(value, str) and value in names
