"""Dates are read exactly as strptime reads them, by any format."""

from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from throughline.formats.date_formats import date_reader

FORMATS = [
    "%m/%d/%Y", "%m/%d/%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%Y%m%d", "%Y%m%d%H%M%S", "%Y/%m/%d %H:%M:%S+00",
    "%Y-%m-%dT%H:%M", "%m/%d/%Y %I:%M %p", "%d %b %Y", "%m/%d/%y", "%Y", "%H:%M %m/%d/%Y", "%Y-%m-%d %H",
    "on %m/%d/%Y (approx.)", "%d%%%m%Y",
]  # fmt: skip
FIRST, LAST = datetime(1900, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001  local times


def strptime(text: str, fmt: str) -> datetime | None:
    try:
        return datetime.strptime(text, fmt)  # noqa: DTZ007
    except ValueError:
        return None


def ours(text: str, fmt: str) -> datetime | None:
    try:
        return date_reader(fmt)(text)
    except ValueError:
        return None


def mutated(fmt: str) -> st.SearchStrategy[str]:
    """Dates written in a format, mostly with something put in, left out or doubled."""
    written = st.datetimes(FIRST, LAST).map(lambda moment: moment.strftime(fmt))
    cut = st.tuples(written, st.integers(0, 30), st.sampled_from(["", " ", "0", "9", "6", "٣", "/", "\n"]))
    return written | cut.map(lambda parts: parts[0][: parts[1]] + parts[2] + parts[0][parts[1] + 1 :])


@pytest.mark.parametrize("fmt", FORMATS)
@given(data=st.data())
def test_as_strptime(fmt: str, data: st.DataObject) -> None:
    text = data.draw(mutated(fmt))
    assert ours(text, fmt) == strptime(text, fmt)


@given(st.text("0123456789/: ", max_size=17), st.sampled_from(FORMATS))
@example("2/30/2026", "%m/%d/%Y")
@example("03/08/2026 14:60", "%m/%d/%Y %H:%M")
@example("1112026", "%m%d%Y")
def test_no_text_is_read_otherwise(text: str, fmt: str) -> None:
    assert ours(text, fmt) == strptime(text, fmt)
