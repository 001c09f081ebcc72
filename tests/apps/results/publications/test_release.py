"""Which counts may be published, and what a later version may add."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from throughline.policy.attack import audit
from throughline.policy.margins import with_margins
from throughline.results.publications.release import Measured, release


def measured(
    *counts: int, begins_on: date = date(2025, 11, 15), ends_on: date = date(2026, 4, 5)
) -> Measured:
    return Measured(*counts, begins_on=begins_on, ends_on=ends_on)


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
            measured(20, 12, 40, 30, begins_on=date(2026, 5, 1), ends_on=date(2026, 9, 1)),
            True,
            id="other days",
        ),
    ],
)
def test_a_later_version_may_not_be_subtracted_from_an_earlier_one(second: Measured, shown: bool) -> None:
    released = release(second, minimum_cell=10, earlier=[FIRST])
    assert any(count is not None for row in released.table for count in row) is shown


def test_the_sums_of_a_withheld_version_must_not_open_up_later() -> None:
    """All of `before` again, and the first version's sum: subtraction would give its withheld 9."""
    first = measured(42, 9, 84, 31)
    later = measured(42, 25, 84, 60)
    assert release(later, minimum_cell=10, earlier=[first]).table == ((None,) * 3,) * 3
