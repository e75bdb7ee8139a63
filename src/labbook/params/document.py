"""params.yaml as a whole."""

from typing import Annotated, Literal

from pydantic import Field

from labbook.languages import ENGLISH, LANGUAGES
from labbook.params.base import LATER, Block, Count, Name, Text
from labbook.params.datasets import Dataset
from labbook.params.rounds import Rounds
from labbook.params.studies import Recipe, Rivals, Seeds, Study
from labbook.params.tuning import Tuning


class Packs(Block):
    """Runs that are trained together in one job."""

    size: Count | None = Field(
        None,
        description="About how many runs share one job. By default 8, more where a study would "
        "have over 256 jobs, and 1,024 with the engine `cuda`, which trains that many at once.",
    )


class Report(Block):
    """The page that comes out."""

    title: Text = Field("A lab book that writes itself", description="Its title.")
    language: Annotated[Literal[*LANGUAGES], LATER] = Field(  # type: ignore[valid-type]
        ENGLISH, description="The language of its words; what params.yaml says stays as written."
    )


class Params(Block):
    """Everything that labbook is asked to do."""

    seeds: Seeds = Field(
        8,
        description="Runs per combination: a count (seeds 0, 1, 2, ...), a list of seeds, or a "
        "block `rounds`: more where a claim is undecided.",
    )
    datasets: Annotated[dict[Name, Dataset], Field(min_length=1)] = Field(
        description="The data sets by name."
    )
    recipes: Annotated[dict[Name, Recipe], Field(min_length=1)] = Field(
        description="Named starting points: all settings of one training."
    )
    studies: Annotated[dict[Name, Study], Field(min_length=1)] = Field(
        description="The questions, by name; a study's results lie in results/<name>."
    )
    tune: Annotated[dict[Name, Tuning], LATER] = Field(
        default={},
        description="Recipes whose settings labbook chooses itself, by name; what comes out lies "
        "in results/tune/<name>.",
    )
    stand_ins: Literal["allow", "forbid"] = Field(
        "allow", description="Whether a stand-in may replace data that cannot be downloaded."
    )
    engine: Literal["auto", "torch", "compiled", "cuda"] = Field(
        "auto",
        description="What trains, part of a run's identity. `compiled`: machine code for the CPU; "
        "`torch`: plain PyTorch; `cuda`: packs on a GPU; `auto`: compiled, or cuda with "
        "`device: cuda`.",
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        "auto",
        description="Where the engines torch and cuda train, part of a run's identity; `auto`: "
        "on a GPU with `engine: cuda`, else on the CPU. The compiled engine trains on the CPU.",
    )
    packs: Packs = Field(default=Packs(), description="How runs are shared out to jobs.")
    rivals: Rivals = Field(
        True,
        description="Whether studies of tables compare the network with simpler models of "
        "scikit-learn: the constant, a straight line, neighbours, forest, boosting. `tuned`: each "
        "with the best of five settings, by validation rows.",
    )
    controls: Annotated[bool, Field(strict=True)] = Field(
        True,
        description="Whether each study's reference is trained twice more with up to eight of its "
        "seeds: with all of training's chance drawn anew, which has to come out alike, and with "
        "the target shuffled, of which nothing can be learnt.",
    )
    report: Report = Field(default=Report(), description="The page that comes out.")

    def seeds_of(self, study: Study) -> tuple[int, ...]:
        """The seeds of a study, its own or the file's: in rounds all that there may be."""
        seeds = self.seeds if study.seeds is None else study.seeds
        if isinstance(seeds, Rounds):  # without a claim nothing asks for more
            return tuple(range(seeds.to if study.claims else seeds.first))
        return tuple(range(seeds)) if isinstance(seeds, int) else tuple(seeds)

    def looks_of(self, study: Study) -> tuple[int, ...]:
        """With how many seeds the claims of a study are looked at: once, or in rounds."""
        seeds = self.seeds if study.seeds is None else study.seeds
        if isinstance(seeds, Rounds) and study.claims:
            return seeds.looks
        return (len(self.seeds_of(study)),)

    def rivals_of(self, study: Study, dataset: Dataset) -> Rivals:
        """Whether a study of this data set has rivals: by its own word, or the file's."""
        wanted = self.rivals if study.rivals is None else study.rivals
        return wanted if dataset.kind == "table" else False

    def controls_of(self, study: Study) -> bool:
        """Whether a study has controls: by its own word, or the file's."""
        return self.controls if study.controls is None else study.controls


class Part(Params):
    """What is left of a file where blocks with mistakes are taken away: there may be none."""

    datasets: dict[Name, Dataset] = Field(default={})
    recipes: dict[Name, Recipe] = Field(default={})
    studies: dict[Name, Study] = Field(default={})
