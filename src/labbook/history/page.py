"""The report with its history in it: a copy, because the report itself follows from results alone.

A history inside results/report.html would be stale after every commit, and DVC would have to make
the report anew to record that nothing changed.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from labbook.documents import read_text
from labbook.errors import LabbookError
from labbook.files import RECORD_BYTES
from labbook.history.changes import BESTS, RESULTS, VERDICTS, shortened
from labbook.history.said import Said, Told
from labbook.history.timeline import Entry
from labbook.report.page.claims import SYMBOLS
from labbook.report.page.page import templates

MOST = 12  # verdicts that are named for a commit: its report has all
TITLES = {
    "params": "Parameters",
    "data": "Data",
    "code": "Code",
    "libraries": "Libraries",
    "results": "Results",
    "against": "Results against",
    "runs": "Runs",
    VERDICTS: "Verdicts",
    BESTS: "Best settings",
}
SAID = "Said before, or after"
UNTOLD = "This page cannot tell which were, as it follows from results alone"
PROMISE = "This page holds no time"  # the footer's, of the report
# Where page.html.j2 has room. No text of a user can look so: the report escapes what is not ours.
CONTENTS = "<!-- labbook history: contents -->"
SECTION = "<!-- labbook history: section -->"
PLACE = "<!-- labbook said: {} -->"  # beside the verdict of the claim with this id
# A room of the page, as macros.html.j2 has it.
CHAPTER = (
    '<noscript class="room" data-room="chapter-{0}">\n<article class="chapter" id="chapter-{0}">\n'
    "{1}\n</article>\n</noscript>"
)
MARK = ' <span class="quiet small">{}</span>'


def with_history(report: Path, entries: Sequence[Entry], told: Told | None = None) -> str:
    """The text of the report with a chapter of its history, and one of when its claims were said.

    Raises `LabbookError` where there is no report, or one without a place for it.
    """
    try:
        page = read_text(report, RECORD_BYTES)
    except (OSError, UnicodeDecodeError) as error:
        raise LabbookError(f"{report}: no report yet. Run snakemake {report} first.") from error
    if page.count(CONTENTS) != 1 or page.count(SECTION) != 1:
        raise LabbookError(
            f"{report}: has no place for a history, since an older labbook wrote it. Run snakemake "
            f"{report} first: it is written anew from the same results."
        )
    claims = told.claims if told else []
    gone = told.dropped if told else []
    contents = '<li><a href="#history">History</a></li>'
    if claims or gone:
        contents = f'<li><a href="#said">{SAID}</a></li>\n{contents}'
        page = page.replace(UNTOLD, f"Which were is said in <em>{SAID}</em>")
    page = page.replace(CONTENTS, contents)
    page = page.replace(PROMISE, f"But for its history, {PROMISE.lower()}")
    get = templates(Path(__file__).parent).get_template
    section = get("section.html.j2").render(entries=map(_view, entries), symbols=SYMBOLS)
    section = CHAPTER.format("history", section)
    for one in claims:
        page = page.replace(PLACE.format(one.claim.id), MARK.format(one.when.said))
    if claims or gone:
        views = _said_views(page, claims)
        said = get("said.html.j2").render(claims=views, dropped=gone)
        section = CHAPTER.format("said", said) + "\n" + section
    return page.replace(SECTION, section)


def _said_views(page: str, claims: Sequence[Said]) -> list[dict[str, Any]]:
    """The claims as said.html.j2 shows them, those with one reason together."""
    return [
        {
            "id": one.claim.id,
            "linked": f'id="claim-{one.claim.id}"' in page,
            "said": one.when.said,
            "since": one.when.since.short if one.when.since else "no commit",
            "day": one.when.since.date[:10] if one.when.since else "",
            "made": f"{one.when.how} {one.when.made.short}" if one.when.made else "",
            "why": one.when.why + (f"; but {one.remark}" if one.remark else ""),
            "confirmation": one.confirmation,
            "by": one.by,
            "by_linked": f'id="claim-{one.by}"' in page,
        }
        for one in claims
    ]


def _view(entry: Entry) -> dict[str, Any]:
    """An entry as section.html.j2 shows it."""
    parts = []
    for name, texts in entry.parts():
        shown = shortened(texts, 8 if name in RESULTS else 4)
        parts.append((TITLES[name], [text.replace(" -> ", " → ") for text in shown]))
    verdicts = entry.effects.verdicts if entry.effects else []
    return {
        "name": entry.name,
        "day": entry.day,
        "subject": entry.subject,
        "parts": parts,
        "verdicts": [
            {
                "claim": edit.name,
                "note": edit.note,
                "sides": [
                    word and {"word": word, "css": re.sub(r"\W", "", word)}
                    for word in (edit.old, edit.new)
                ],
            }
            for edit in verdicts[:MOST]
        ],
        "more_verdicts": max(len(verdicts) - MOST, 0),
    }
