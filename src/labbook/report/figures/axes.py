"""What figures share about their axes."""

from collections.abc import Sequence

LOG_FROM = 30.0  # a logarithmic axis where values span more than this factor
LABEL = 34  # characters of a row's name


def spans_widely(values: Sequence[float]) -> bool:
    """Whether positive values span so much that a logarithmic axis shows them better."""
    return bool(values) and min(values) > 0 and max(values) > LOG_FROM * min(values)
