"""A study that the report lacks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MissingStudy:
    """Why a study is not in the page, and what to do about it.

    `failed`: a job of it did not end well; else its turn has not come. `name` may be that of
    another part, such as the table of all claims, which `is_study` then denies.
    """

    name: str
    why: str
    what_to_do: str
    failed: bool = True
    is_study: bool = True
