"""A study, or another part, that the report lacks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MissingStudy:
    """Why a study is not in the page, and what to do about it.

    `failed`: a job of it did not end well; else its turn has not come. `name` may be that of
    another part, such as the table of all claims or a tuning, which `is_study` then denies.
    Of a tuning `came_to` says in a sentence how far it came, and `said` what its last step found.
    """

    name: str
    why: str
    what_to_do: str
    failed: bool = True
    is_study: bool = True
    came_to: str = ""
    said: str = ""
