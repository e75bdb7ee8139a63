"""Writes a first study into params.yaml, if `labbook check` takes it, and says how to go on."""

from labbook.commands import check
from labbook.errors import LabbookError
from labbook.history.git import head
from labbook.params.load import VARIABLE, Reading, making, params_path
from labbook.plan.plan import Plan, make_plan
from labbook.starting.writing import Draft, not_written, read_draft, told, write
from labbook.wording import count


def begin(what: Draft, *, dry_run: bool) -> None:
    """Show a draft and write it. Raises `LabbookError`, and writes nothing, if it is not right."""
    print()
    for name, lines in what.blocks.items():
        print("\n".join([f"{name}:", *map(str, lines)]))
    reading = read_draft(params_path(), what)
    plan = make_plan(reading.sound)
    if what.name not in plan.params.datasets:  # nothing can be said of any part
        raise LabbookError(
            "Nothing was written, as the file has to be right first:\n"
            f"{told(params_path(), reading, reading.mistakes)}"
        )
    mistakes, remarks = check.check_data(plan, [what.name])
    if mistakes:
        raise not_written(params_path(), reading, mistakes)
    if not dry_run:
        write(params_path(), what)
        print(
            f"\nWritten into {params_path()}: the data set {what.name}, its recipe, the study "
            f"{what.study}. `labbook check` says:"
        )
    for remark in remarks:
        print(remark)
    if dry_run:
        print("\nNothing was written (--dry-run).")
        return
    _show_others(what, reading, plan)


def _show_others(what: Draft, reading: Reading, plan: Plan) -> None:
    """What `labbook check` says of the rest of the file, and what is to be done next."""
    others = [name for name in plan.params.datasets if name != what.name]
    mistakes, remarks = check.check_data(plan, others)
    if mistakes := [*reading.mistakes, *mistakes]:
        print(f"{what.name} is right, but what was in the file before is not, and has to be first:")
        print(told(params_path(), reading, mistakes))
        return
    for line in [*remarks, *check.said(plan)]:
        print(line)
    if plan.studies[what.study].claims and _is_under_git():
        print(
            "Its claims say what to expect: change them as you like. Those that stand in a commit "
            'before their runs count as said before: git add -A && git commit -m "what I expect"'
        )
    print(f"Next: {making('results/report.html')}")
    if len(plan.studies) > 1:
        print(
            f"That trains for {count(len(plan.studies), 'study', 'studies')}. The tables of this "
            f"one alone: {making(f'results/{what.study}/study.json')}\n"
            f"To have it in a file of its own: {VARIABLE}=mine.yaml labbook new ..., and the same "
            "before snakemake."
        )


def _is_under_git() -> bool:
    try:
        head()
    except LabbookError:
        return False
    return True
