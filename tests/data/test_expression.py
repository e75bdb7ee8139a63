import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labbook.data.kinds.function import FUNCTIONS, compile_expression
from labbook.errors import LabbookError

X = np.array([1.0, 2.5, 16.0])
NAMES = {name: getattr(np, name) for name in FUNCTIONS} | {"pi": np.pi, "e": np.e}


def expressions():
    """Valid expressions; powers are of arrays, since Python's own differ in the last digit."""
    numbers = st.sampled_from(["0.0", "1.0", "3.0", "0.5", "1e-3", "2.", "pi"])
    leaves = st.one_of(st.just("x"), st.just("e"), numbers)

    def larger(smaller):
        one = [n for n in FUNCTIONS if n not in ("minimum", "maximum")]
        return st.one_of(
            st.builds("({} {} {})".format, smaller, st.sampled_from("+-*/"), smaller),
            st.builds("((0 * x + {}) ** {})".format, smaller, st.sampled_from(["2", "0.5", "-1"])),
            st.builds("(-{})".format, smaller),
            st.builds("{}({})".format, st.sampled_from(one), smaller),
            st.builds("maximum({}, {})".format, smaller, smaller),
        )

    return st.recursive(leaves, larger, max_leaves=8)


@settings(deadline=None)
@given(expressions())
def test_means_what_numpy_means(text):
    with np.errstate(all="ignore"):
        try:
            wanted = eval(text, {"__builtins__": {}}, NAMES | {"x": X})
        except (ZeroDivisionError, OverflowError):
            return
        wanted = np.broadcast_to(np.asarray(wanted), X.shape)
    if np.iscomplexobj(wanted):
        return
    if np.isfinite(wanted).all():
        np.testing.assert_allclose(compile_expression(text)(X), wanted, rtol=1e-12)
    else:
        with pytest.raises(LabbookError):
            compile_expression(text)(X)


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=60))
def test_any_text_is_a_function_or_refused(text):
    try:
        y = compile_expression(text)(X)
    except LabbookError as error:
        message = str(error)
    else:
        assert y.shape == X.shape
        return
    assert "Allowed:" in message or "at x = " in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "at character 1"),
        ("x +", "at character"),
        ("x ^ 2", "written ** and not ^"),
        ("1 + y", "at character 5: 'y': is not in the language"),
        ("sin + x", "at character 1: 'sin'"),
        ("log2(x, x)", "log2 takes 1 value(s), not 2"),
        ("maximum(x)", "maximum takes 2"),
        ("__import__('os').system('true')", "is not in the language"),
        ("x.real", "is not in the language"),
        ("x[0]", "is not in the language"),
        ("(lambda: x)()", "is not in the language"),
        ("[x for x in x]", "is not in the language"),
        ("True * x", "'True'"),
        ("2j", "'2j'"),
        ("1e999 * x", "too large a number"),
        ("1" * 400, "too large a number"),
        ("x + " * 200 + "x", "longer than 500"),
        ("-" * 400 + "x", "cannot be read"),
        ("x\0", "cannot be read"),
    ],
)
def test_refused(text, words):
    with pytest.raises(LabbookError) as caught:
        compile_expression(text)
    if "\0" not in text:  # Python versions differ in what they call a null byte
        assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("9 ** 9 ** 9 ** 9 * x", r"gives inf at x = 1\.0"),  # floats: whole numbers would not end
        ("log(x - 1)", r"gives -inf at x = 1\.0 \(1 of 3 points"),
    ],
)
def test_not_finite_names_x(text, words):
    with pytest.raises(LabbookError, match=words):
        compile_expression(text)(X)
