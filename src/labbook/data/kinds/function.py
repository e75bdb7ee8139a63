"""Points of a function of x, which is written in a small safe language: arithmetic, no more."""

import ast
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from labbook.data.kinds.kind import Kind, Maker
from labbook.data.numbers import Numbers, unknown_numbers
from labbook.data.table_file import read_table
from labbook.errors import LabbookError
from labbook.params.datasets import Function
from labbook.params.tables import Form
from labbook.streams import stream

FILE = "points.csv"
CALLED = "the function's points"  # in messages
Evaluate = Callable[[np.ndarray], Any]

CONSTANTS = {"pi": np.pi, "e": np.e}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "log": np.log, "log2": np.log2, "log10": np.log10, "exp": np.exp, "sqrt": np.sqrt,
    "abs": np.abs, "sin": np.sin, "cos": np.cos, "tan": np.tan, "tanh": np.tanh,
    "minimum": np.minimum, "maximum": np.maximum,
}  # fmt: skip
ARGUMENTS = {"minimum": 2, "maximum": 2}
OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide,
    ast.Pow: np.power, ast.UAdd: np.positive, ast.USub: np.negative,
}  # fmt: skip
ALLOWED = f"Allowed: x, numbers, + - * / **, brackets, pi, e, and {', '.join(FUNCTIONS)}."
LONGEST = 500  # characters, against nesting without end


def make_points(dataset: Function) -> dict[str, bytes]:
    """A CSV file (columns x, y) of `dataset.points` points, x uniform in [low, high).

    y has 12 significant digits: libraries differ in the last ones of a logarithm or cosine.
    """
    uniform = stream(dataset.seed, "points").random(dataset.points)
    x = dataset.low + (dataset.high - dataset.low) * uniform
    y = compile_expression(dataset.expression)(x)
    if dataset.noise:
        y += dataset.noise * stream(dataset.seed, "noise").standard_normal(len(x))
    lines = (f"{a!r},{float(f'{b:.12g}')!r}\n" for a, b in np.stack([x, y], axis=1).tolist())
    return {FILE: ("x,y\n" + "".join(lines)).encode()}


def read_points(dataset: Function, raw: Path) -> Numbers:
    """Read the points in the folder `raw`."""
    points = read_table(raw / FILE, Form(), numbers=["x", "y"]).numbers
    return Numbers(
        "table", "regression", points["x"][:, None], points["y"], "y", ("x",), (), (), table=CALLED
    )  # fmt: skip


def preview_points(dataset: Function) -> tuple[Numbers | None, list[str]]:
    """One column, and as many rows as there will be points."""
    return unknown_numbers(dataset.points, ("x",), "y", CALLED), []


def compile_expression(text: str) -> Evaluate:
    """The function of x (rows,) that `text` writes down; it gives float64 (rows,).

    Raises `LabbookError` for all that is not in the language, with its position. The function
    that is returned raises it where a result is not finite, with the first such x.
    """
    text = " ".join(text.split())
    try:
        if len(text) > LONGEST:
            raise LabbookError(f"{_quoted(text)}: longer than {LONGEST} characters.")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of doubtful Python, which is refused below
            evaluate = _build(ast.parse(text, mode="eval").body, text)
    except SyntaxError as error:
        place = f"at character {error.offset or len(text) + 1}"
        raise LabbookError(f"{_quoted(text)}, {place}: {error.msg}. {ALLOWED}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise LabbookError(f"{_quoted(text)}: cannot be read ({error}). {ALLOWED}") from error

    def checked(x: np.ndarray) -> np.ndarray:
        """The values at `x`. Raises where one of them is no number."""
        with np.errstate(all="ignore"):
            y = np.array(np.broadcast_to(evaluate(x), x.shape), float)
        wrong = np.flatnonzero(~np.isfinite(y))
        if len(wrong):
            raise LabbookError(
                f"{_quoted(text)}: gives {y[wrong[0]]} at x = {float(x[wrong[0]])!r} ({len(wrong)} "
                f"of {len(x)} points are not finite). Change the expression, `low` or `high`."
            )
        return y

    return checked


def _build(node: ast.expr, text: str) -> Evaluate:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            try:
                constant = float(value)  # never Python's whole numbers: 9**9**9 would not end
            except OverflowError:
                constant = np.inf
            if not np.isfinite(constant):
                raise _refused(node, text, "is too large a number")
            return lambda x: constant
        case ast.Name(id="x"):
            return lambda x: x
        case ast.Name(id=name) if name in CONSTANTS:
            return lambda x: CONSTANTS[name]
        case ast.UnaryOp(op=op, operand=operand) if type(op) in OPERATORS:
            return _apply(OPERATORS[type(op)], [operand], text)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return _apply(OPERATORS[type(op)], [left, right], text)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
            wanted = ARGUMENTS.get(name, 1)
            if len(args) != wanted:
                raise _refused(node, text, f"{name} takes {wanted} value(s), not {len(args)}")
            return _apply(FUNCTIONS[name], args, text)
        case ast.BinOp(op=ast.BitXor()):
            raise _refused(node, text, "a power is written ** and not ^")
    raise _refused(node, text, "is not in the language")


def _apply(function: Callable[..., Any], operands: list[ast.expr], text: str) -> Evaluate:
    parts = [_build(operand, text) for operand in operands]
    return lambda x: function(*(part(x) for part in parts))


def _refused(node: ast.expr, text: str, reason: str) -> LabbookError:
    start = len(text.encode()[: node.col_offset].decode())
    piece = ast.get_source_segment(text, node) or ""
    return LabbookError(
        f"{_quoted(text)}, at character {start + 1}: {piece[:40]!r}: {reason}. {ALLOWED}"
    )


def _quoted(text: str) -> str:
    return f"expression {text[:80]!r}"


KIND = Kind(
    read_points,
    preview_points,
    languages={"expression": compile_expression},
    maker=Maker("generated", "Made points of the function {expression}.", make_points, ("numpy",)),
)
