"""A study of several data sets becomes one study of each; a mistake in all of them is told once."""

from collections.abc import Iterable, Iterator, Mapping

from pydantic import Field

from labbook.params.base import LONGEST_NAME, Name
from labbook.params.document import Params
from labbook.params.file_checks import unknown
from labbook.params.messages import Mistake, Path
from labbook.params.studies import Study
from labbook.wording import listing

DATASET = "dataset"  # the setting of a recipe that the data sets of a study take the place of


class Member(Study):
    """A study of one data set, of a question that is asked of several; no block of params.yaml.

    Where it comes from is no part of its identity.
    """

    question_of: Name = Field(exclude=True, description="The study's name in params.yaml.")
    asked: Study = Field(exclude=True, description="Its block there.")

    @property
    def dataset(self) -> str:
        """The data set of this one."""
        assert self.set is not None
        return str(self.set[DATASET])


def on(name: str, dataset: str) -> str:
    """What a study or claim of several data sets is called on one of them."""
    return f"{name}-on-{dataset}"


def each_dataset(params: Params) -> tuple[Params, list[Mistake]]:
    """`params` with a `Member` for each data set of a study that names several.

    Studies are in the order of the file. One with a mistake in what it says of its data sets is
    left out; the mistakes are in the second place.
    """
    studies: dict[str, Study] = {}
    mistakes: list[Mistake] = []
    for name, study in params.studies.items():
        if study.datasets is None:
            studies[name] = study
        elif wrong := list(_mistakes(params, name, study)):
            mistakes += wrong
        else:
            studies |= {on(name, one): _member(name, study, one) for one in study.datasets}
    return params.model_copy(update={"studies": studies}), mistakes


def _member(name: str, study: Study, dataset: str) -> Member:
    claims = [
        claim.model_copy(
            update={"id": on(claim.id, dataset), "sentence": f"On {dataset}: {claim.sentence}"}
        )
        for claim in study.claims
    ]
    changed = {
        "question": f"On {dataset}: {study.question}",
        "set": {DATASET: dataset, **(study.set or {})},
        "claims": claims,
        "datasets": None,
    }
    kept = {field: getattr(study, field) for field in study.model_fields_set}
    return Member.model_construct(**{**kept, **changed}, question_of=name, asked=study)


def _mistakes(params: Params, name: str, study: Study) -> Iterator[Mistake]:
    """What a study says of its data sets that cannot be."""
    at, datasets = ("studies", name), study.datasets or []
    for number, dataset in enumerate(datasets):
        if dataset not in params.datasets:
            yield unknown((*at, "datasets", number), "data set", dataset, params.datasets)
        elif dataset in datasets[:number]:
            yield Mistake((*at, "datasets", number), f"{dataset!r} is listed twice; remove one.")
    several = "and `datasets` names several data sets; remove it here, or leave out `datasets`."
    if DATASET in (study.set or {}):
        yield Mistake((*at, "set", DATASET), f"is set, {several}")
    if DATASET in study.varied:
        yield Mistake((*at, "vary"), f"varies the data set, {several}")
    if study.published:
        text = "figures of a source are of one data set; put them into a study of that one."
        yield Mistake((*at, "published"), text)
    tasks: dict[str, list[str]] = {}
    for dataset in dict.fromkeys(datasets):
        if dataset in params.datasets:
            tasks.setdefault(params.datasets[dataset].task, []).append(dataset)
    if len(tasks) > 1:
        text = ", ".join(f"a {task} on {listing(names)}" for task, names in tasks.items())
        text = f"{text}: one question needs data sets of one task. Make a study for each task."
        yield Mistake((*at, "datasets"), text)
    yield from _names(params, name, study)


def _names(params: Params, name: str, study: Study) -> Iterator[Mistake]:
    """Names that are taken or too long on one of the data sets."""
    at: Path = ("studies", name)
    others = set(_names_of_others(params, name))
    for dataset in dict.fromkeys(study.datasets or ()):
        made = on(name, dataset)
        if made in others:
            text = f"on {dataset} it is called {made}, as another study is; rename one."
            yield Mistake(at, text)
        names = {at: made} | {
            (*at, "claims", number, "id"): on(claim.id, dataset)
            for number, claim in enumerate(study.claims)
        }
        for place, text in names.items():
            if len(text) > LONGEST_NAME:
                said = f"on {dataset} it is called {text}, of {len(text)} characters; at most"
                yield Mistake(place, f"{said} {LONGEST_NAME} are allowed. Choose a shorter name.")


def _names_of_others(params: Params, name: str) -> Iterator[str]:
    """What the studies but this one are called."""
    for other, block in params.studies.items():
        if other != name:
            yield from [on(other, one) for one in block.datasets or ()] or [other]


def told_once(params: Params, mistakes: Iterable[Mistake]) -> list[Mistake]:
    """Mistakes in studies of `params`, at their places in the file as it is written.

    What all the studies of one question have in common is said once, anything else with the name of
    its data set.
    """
    told: list[Mistake] = []
    found: dict[tuple[str, Path], dict[str, list[str]]] = {}  # texts by data set, by place
    for mistake in mistakes:
        member = _member_at(params.studies, mistake)
        if member is None:
            told.append(mistake)
            continue
        place = (member.question_of, _written(member, mistake))
        found.setdefault(place, {}).setdefault(member.dataset, []).append(mistake.text)
    for (name, path), texts in found.items():
        told += [Mistake(path, text) for text in _texts(texts, len(_members(params.studies, name)))]
    return told


def _texts(found: Mapping[str, list[str]], datasets: int) -> Iterator[str]:
    """What to say of one place, where `found` are the texts by data set, of so many."""
    common = [
        [text.replace(on("", dataset), "") for text in texts] for dataset, texts in found.items()
    ]
    if len(common) == datasets and all(texts == common[0] for texts in common):
        yield from common[0]
        return
    named: dict[str, list[str]] = {}
    for dataset, texts in found.items():
        for text in texts:
            named.setdefault(text, []).append(dataset)
    yield from (f"on {listing(names)}: {text}" for text, names in named.items())


def _members(studies: Mapping[str, Study], name: str) -> list[Member]:
    return [s for s in studies.values() if isinstance(s, Member) and s.question_of == name]


def _member_at(studies: Mapping[str, Study], mistake: Mistake) -> Member | None:
    match mistake.path:
        case ("studies", str(name), *_):
            study = studies.get(name)
            return study if isinstance(study, Member) else None
    return None


def _written(member: Member, mistake: Mistake) -> Path:
    """Where the mistake stands in the block of the file."""
    rest = mistake.path[2:]
    if rest[:2] == ("set", DATASET):
        assert member.asked.datasets is not None
        rest = ("datasets", member.asked.datasets.index(member.dataset), *rest[2:])
    return ("studies", member.question_of, *rest)
