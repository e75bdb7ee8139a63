"""What a file of code says and imports, and a memory of that: reading code takes long.

The memory goes by content, never by a file's time: what it knows of a text is right for ever.
"""

import ast
import contextlib
import hashlib
import json
import platform
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from labbook.errors import LabbookError
from labbook.files import read_bytes, write_bytes

FOLDER = Path(".labbook")


# Calls that show their arguments to people and give nothing back.
SAYING = frozenset({"print", "warnings.warn", "sys.stderr.write", "sys.stdout.write"})


class Code(NamedTuple):
    """Digest of the syntax tree without docstrings and messages, and the modules it imports."""

    digest: str
    imports: list[str]


class Memory:
    """What is known of files of code, by digests of their contents."""

    def __init__(self) -> None:
        self.learnt = False

    def read(self, content: bytes) -> Code:
        """What a file's content says and imports, also inside functions."""
        name = hashlib.sha256(self._way + content).hexdigest()
        if name not in self._known:
            tree = ast.parse(content)
            imports = list(_imports(tree))
            text = "\n".join(_lines(_WithoutWords().visit(tree)))
            total = hashlib.sha256(text.encode()).hexdigest()
            self._known[name] = Code(total, imports)
            self.learnt = True
        return self._known[name]

    def keep(self) -> None:
        """Write down what was learnt, where labbook has run before; quietly not elsewhere."""
        if self.learnt and FOLDER.is_dir():
            with contextlib.suppress(LabbookError):  # a folder that is not ours to write
                write_bytes(FOLDER / "code.json", json.dumps(self._known).encode())
            self.learnt = False

    @cached_property
    def _known(self) -> dict[str, Code]:
        try:
            text = read_bytes(FOLDER / "code.json")
            return {name: Code(*code) for name, code in json.loads(text).items()}
        except (OSError, ValueError, TypeError, AttributeError):  # none yet, or broken
            return {}

    @cached_property
    def _way(self) -> bytes:
        """How code is read: this module and the version of Python."""
        return Path(__file__).read_bytes() + platform.python_version().encode()


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def _lines(node: ast.AST) -> Iterator[str]:
    """A syntax tree as lines that are the same under every version of Python.

    Empty fields are left out: newer versions add some (ast.dump would show them).
    """
    yield type(node).__name__
    for name, value in ast.iter_fields(node):
        if name == "body" and isinstance(value, list) and _is_docstring(node, value):
            value = value[1:]
        if value is None or value == [] or name in ("ctx", "kind"):
            continue
        yield name
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, ast.AST):
                yield from _lines(item)
            else:
                yield repr(item)
    yield "."


class _WithoutWords(ast.NodeTransformer):
    """Empties the words of messages: of errors that are raised, and of what is shown.

    Only literal texts that an argument consists of or is put together from; whatever is computed
    for a message counts, and so does a text that is an argument of another call within it.
    """

    def visit_Raise(self, node: ast.Raise) -> ast.Raise:
        if isinstance(node.exc, ast.Call):
            _empty_words(node.exc)
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.Expr:
        if isinstance(node.value, ast.Call) and ast.unparse(node.value.func) in SAYING:
            _empty_words(node.value)
        return node


def _empty_words(call: ast.Call) -> None:
    call.args = [_wordless(argument) for argument in call.args]


def _wordless(node: ast.expr) -> ast.expr:
    """The same without its words; pieces of text beside each other become one."""
    match node:
        case ast.Constant(value=str()):
            return ast.Constant("")
        case ast.JoinedStr(values=values):
            return ast.JoinedStr([v for v in values if not isinstance(v, ast.Constant)])
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return ast.BinOp(_wordless(left), node.op, _wordless(right))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return ast.IfExp(test, _wordless(body), _wordless(orelse))
    return node


def _is_docstring(owner: ast.AST, body: list[ast.AST]) -> bool:
    first = body[0] if body else None
    return (
        isinstance(owner, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
