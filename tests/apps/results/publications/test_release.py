"""Which counts may be published, and what a later version may add."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from throughline.policy.attack import audit
from throughline.policy.margins import with_margins
from throughline.results.publications.release import Measured, Release, release
from throughline.science.change import Window

BEFORE = Window(date(2025, 11, 15), date(2026, 2, 6))
AFTER = Window(date(2026, 3, 9), date(2026, 4, 5))


def measured(
    *counts: int,
    here: str = "W8",
    elsewhere: str = "W2 W3",
    before: Window = BEFORE,
    after: Window = AFTER,
) -> Measured:
    groups = {"here": frozenset(here.split()), "elsewhere": frozenset(elsewhere.split())}
    return Measured(*counts, windows=(before, after), **groups)


def shows(released: Release) -> bool:
    return any(count is not None for row in released.table for count in row)


def test_large_counts_are_released_with_their_sums() -> None:
    released = release(measured(42, 19, 84, 31), minimum_cell=10)
    assert released.complete
    assert released.table == ((42, 19, 61), (84, 31, 115), (126, 50, 176))


def test_a_small_count_is_withheld_and_so_is_what_gives_it_away() -> None:
    released = release(measured(42, 9, 84, 31), minimum_cell=10)
    assert not released.complete
    assert released.table[0][1] is None
    assert released.withheld >= 4


def test_zero_is_no_small_count() -> None:
    assert release(measured(42, 0, 84, 31), minimum_cell=10).complete


counts = st.integers(0, 60)


@settings(max_examples=60, deadline=None)
@given(counts, counts, counts, counts, st.integers(2, 15))
def test_nobody_can_bound_a_small_count(a: int, b: int, c: int, d: int, minimum_cell: int) -> None:
    table = release(measured(a, b, c, d), minimum_cell=minimum_cell).table
    hidden = np.array([[count is None for count in row] for row in table])
    values = np.array([[count or 0 for count in row] for row in table])
    bounds = audit(np.ma.MaskedArray(values, mask=hidden))
    true = with_margins(np.array([[a, b], [c, d]]))
    small = (true > 0) & (true < minimum_cell)
    assert (bounds.lower[small] <= 1).all()
    assert (bounds.upper[small] >= minimum_cell).all()


FIRST = measured(42, 19, 84, 31)


@pytest.mark.parametrize(
    "second, shown",
    [
        pytest.param(measured(42, 19, 84, 31), True, id="the same counts again"),
        pytest.param(measured(42, 29, 84, 41), True, id="ten more in each"),
        pytest.param(measured(42, 20, 84, 31), False, id="one more: subtraction would show a single event"),
        pytest.param(measured(42, 24, 84, 36), False, id="five more in each"),
        pytest.param(measured(52, 9, 84, 31), False, id="now with a small count"),
        pytest.param(
            measured(
                20,
                12,
                40,
                30,
                before=Window(date(2026, 5, 1), date(2026, 6, 1)),
                after=Window(date(2026, 7, 1), date(2026, 9, 1)),
            ),
            True,
            id="other days",
        ),
    ],
)
def test_a_later_version_may_not_be_subtracted_from_an_earlier_one(second: Measured, shown: bool) -> None:
    released = release(second, minimum_cell=10, earlier=[FIRST])
    assert shows(released) is shown


def test_the_sums_of_a_withheld_version_must_not_open_up_later() -> None:
    """All of `before` again, and the first version's sum: subtraction would give its withheld 9."""
    first = measured(42, 9, 84, 31)
    later = measured(42, 25, 84, 60)
    assert release(later, minimum_cell=10, earlier=[first]).table == ((None,) * 3,) * 3


LONGER = Window(AFTER.starts_on, date(2026, 4, 10))


@pytest.mark.parametrize(
    "second, shown",
    [
        pytest.param(
            measured(47, 24, 84, 31, here="W8 W9"), False, id="one ward more: subtraction shows its 5"
        ),
        pytest.param(measured(62, 39, 84, 31, here="W8 W9"), True, id="one ward more, with 20 of its own"),
        pytest.param(measured(42, 22, 84, 34, after=LONGER), False, id="five days more: subtraction shows 3"),
        pytest.param(
            measured(80, 25, 46, 25, here="W5", elsewhere="W8 W6"),
            False,
            id="compared with the ward helped first",
        ),
        pytest.param(
            measured(80, 25, 90, 40, here="W5", elsewhere="W6 W7"), True, id="other wards altogether"
        ),
        pytest.param(
            measured(80, 25, 90, 40, here="W5", elsewhere="W3 W7"),
            True,
            id="wards in common, none within others",
        ),
        pytest.param(
            measured(80, 9, 84, 31, here="W5"), False, id="the same comparison beside another small count"
        ),
    ],
)
def test_a_page_about_other_places_or_days_may_not_be_subtracted_either(
    second: Measured, shown: bool
) -> None:
    assert shows(release(second, minimum_cell=10, earlier=[FIRST])) is shown
