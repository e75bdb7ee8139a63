"""`labbook new`: from a file to a first study, or a folder for studies of one's own."""

import argparse
import shlex
from functools import partial
from pathlib import Path

from labbook.commands.beginning import begin
from labbook.commands.print_table import print_table
from labbook.errors import LabbookError
from labbook.params.base import of_here
from labbook.params.load import params_path
from labbook.starting import blocks, few, pictures
from labbook.starting.blocks import Files
from labbook.starting.book import lay_out
from labbook.starting.column import Column
from labbook.starting.guess import Guess, Wishes, guess, with_other
from labbook.starting.looks import Look, look
from labbook.starting.pictures import Pictures, pictures_in
from labbook.starting.writing import draft
from labbook.wording import count, plain, short

MOST_SHOWN = 60  # columns
HELP = (
    "Begin: with a file, look at its columns and write a data set, a recipe and a first study into "
    "params.yaml; with another name, lay out a folder for studies of your own."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument("what", help="a table in this folder (tables/x.csv), or a new folder")
    parser.add_argument("--target", help="the column to predict: its name, or its number from 1")
    parser.add_argument("--task", choices=["regression", "classification"])
    parser.add_argument("--name", help="what the data set is to be called")
    parser.add_argument("--test", metavar="FILE", help="a file like it, with the test rows")
    parser.add_argument("--new", metavar="FILE", help="a file like it without a target")
    parser.add_argument("--group", metavar="COLUMN", help="rows of one value stay together")
    parser.add_argument("--time", metavar="COLUMN", help="test on the last rows by this column")
    parser.add_argument("--dry-run", action="store_true", help="show it all and write nothing")


def run(options: argparse.Namespace) -> None:
    """Write a first study of a table or of images, or lay out a folder."""
    path = Path(options.what)
    if not path.exists() and _is_name(options):
        _lay_out(path)
    elif not path.is_dir():
        _begin_table(options, path)
    elif seen := pictures_in(path):
        inside = Pictures(Path(_inside(options.what)), seen.words, seen.fixed)
        print(f"{path}: {plain(seen.words)}.")
        lines = partial(pictures.lines_of, inside)
        what = draft(params_path(), path.name, "depth", lines, options.name)
        begin(what, dry_run=options.dry_run)
    else:
        _refuse_folder(path)
        _lay_out(path)


def _begin_table(options: argparse.Namespace, path: Path) -> None:
    others = (options.test, options.new)
    files = Files(_inside(options.what), *(name and _inside(name) for name in others))
    seen = look(path, options.target)
    if options.target is None:
        _show_names(seen)
        return
    guessed = guess(seen, Wishes(options.target, options.task, options.group, options.time))
    for other in filter(None, others):
        guessed = with_other(guessed, Path(other))
    lines = partial(blocks.lines_of, guessed, files)
    what = draft(params_path(), path.stem, "width", lines, options.name)
    _show(guessed)
    begin(what, dry_run=options.dry_run)


def _is_name(options: argparse.Namespace) -> bool:
    """Whether a folder to be made is meant: nothing says that it should be a file."""
    of_a_file = [options.target, options.task, options.test, options.new]
    return not Path(options.what).suffix and not any(of_a_file)


def _refuse_folder(folder: Path) -> None:
    """Raise `LabbookError` for a folder that is neither empty nor a book nor the one we are in."""
    book = (folder / "params.yaml").exists() or folder.samefile(".")
    if not book and any(folder.iterdir()):
        raise LabbookError(
            f"{folder}: a folder that has something in it, and no images: a folder for each class "
            "with PNG or JPEG files, or IDX files. For a table name its file; for a book beside "
            f"what is there: cd {shlex.quote(str(folder))}, labbook new ."
        )


def _lay_out(folder: Path) -> None:
    laid = lay_out(folder)
    print(f"{folder}: {', '.join(laid.written)}.")
    if laid.kept:
        print(f"Left as they are: {', '.join(laid.kept)}.")
    for note in laid.notes:
        print(note)
    go = "" if folder.samefile(".") else f"cd {shlex.quote(str(folder))}, "
    print(f"Next: {go}put a table into tables/, then labbook new tables/NAME.csv --target COLUMN")


def _inside(name: str) -> str:
    """A path as params.yaml takes it. Raises `LabbookError` for a file that is not there or not of
    this folder.
    """
    path = Path(name)
    if not path.exists():
        raise LabbookError(f"{name}: there is no such file.")
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        return str(path.relative_to(Path.cwd()))
    try:
        return of_here(name)
    except ValueError:
        raise LabbookError(
            f"{name} lies outside of this folder, and a study's data belong to it. First: "
            f"cp {shlex.quote(name)} tables/"
        ) from None


def _show_names(seen: Look) -> None:
    rows = [(number, plain(name), short(next(filter(None, values), ""), 30))
            for number, (name, values) in enumerate(seen.texts.items(), 1)]  # fmt: skip
    print_table(("number", "column", "example"), rows)
    print(f"\nWhich column is to be predicted? labbook new {seen.path} --target NAME")


def _show(guessed: Guess) -> None:
    shown = list(guessed.columns)
    if len(shown) > MOST_SHOWN:  # of many columns those that are no plain numbers
        shown = [c for c in shown if c.role != "feature" or c.warning or c.missing][:MOST_SHOWN]
    names = ("column", "kind", "missing", "distinct", "example", "what will be done")
    print_table(names, map(_row, shown))
    if left := len(guessed.columns) - len(shown):
        print(f"and {count(left, 'column')} more, as params.yaml will say.")
    for column in guessed.columns:
        if column.warning:
            print(f"{plain(column.warning)}.")
    for remark in few.remarks(guessed):
        print(remark)


def _row(column: Column) -> tuple[object, ...]:
    return (
        short(column.name, 30), column.kind, column.missing or "", f"{column.distinct:,}",
        short(column.example, 24), short(column.done(), 60),
    )  # fmt: skip
