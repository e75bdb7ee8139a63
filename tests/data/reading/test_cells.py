"""Numbers that are read all at once are those that Python reads one by one."""

import math
import struct

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from labbook.data.reading.cells import Cells

FLOATS = st.binary(min_size=8, max_size=8).map(lambda data: struct.unpack("d", data)[0])
WRITTEN = st.tuples(FLOATS, st.sampled_from(["{!r}", "{:.25e}", "{:.3g}", " {:.17g}\t", "+{:f}"]))
ODD = st.text("0123456789.,-+eE _?nafiNA'\u00a0٣", max_size=6)
FIELDS = st.lists(WRITTEN.map(lambda both: both[1].format(both[0])) | ODD, min_size=1, max_size=8)
FORMS = st.builds(
    Cells,
    st.sampled_from([None, (), ("?", "-1", "NA"), ("nan",)]),
    st.sampled_from([".", ","]),
)


@settings(deadline=None, max_examples=400)
@given(FORMS, FIELDS)
def test_at_once_and_one_by_one(cells, fields):
    quick = cells._at_once(fields)
    if quick is None:
        return
    for mark in cells._numeric_marks:
        quick[quick == mark] = np.nan
    slow = np.array([cells.number(field) for field in fields])  # where it is taken, all are numbers
    np.testing.assert_array_equal(quick, slow)
    np.testing.assert_array_equal(np.signbit(quick) & (quick == 0), np.signbit(slow) & (slow == 0))


@given(st.lists(FLOATS.filter(math.isfinite), min_size=1))
def test_usual_numbers_are_read_at_once(numbers):
    quick = Cells(None)._at_once([repr(number) for number in numbers])
    assert quick is not None
    assert quick.tobytes() == np.array(numbers).tobytes()
