"""Which counts are published and which withheld: worked examples. The last row and column are the totals."""

import numpy as np
import pytest

from throughline.policy.attack import audit
from throughline.policy.suppression import Rate, exposed, protect, suppress_rate, withhold_text


def shown(counts, **settings) -> list:
    """The published table, None where withheld."""
    return protect(counts, **settings).released.tolist()


def test_a_table_without_small_counts_is_published_with_its_total() -> None:
    assert shown([12, 30, 25]) == [12, 30, 25, 67]


def test_one_small_count_needs_a_second_withheld_count() -> None:
    """Otherwise total less the others gives it away: 50 - 12 - 30 = 8."""
    assert shown([8, 12, 30]) == [None, None, 30, 50]


def test_two_small_counts_hide_each_other_if_their_sum_leaves_doubt() -> None:
    """Each of the two can be anything from 0 to 13."""
    protected = protect([6, 7, 30])

    assert protected.released.tolist() == [None, None, 30, 43]
    assert (audit(protected.released).lower[:2] == 0).all()
    assert (audit(protected.released).upper[:2] == 13).all()


def test_two_small_counts_with_a_small_sum_need_a_third() -> None:
    """1 + 2 = 3 would tell that both are below 10, and nearly what they are."""
    assert shown([1, 2, 15, 30]) == [None, None, None, 30, 48]


def test_zeros_are_published() -> None:
    assert shown([0, 0, 8, 12, 30]) == [0, 0, None, None, 30, 50]


def test_a_zero_is_withheld_where_nothing_else_can_hide_a_small_count() -> None:
    """All that is known of the three is that they sum to 9; a withheld total costs less than both zeros."""
    released = protect([9, 0, 40]).released

    assert released[0] is np.ma.masked
    assert released.mask.sum() == 2


def test_in_a_two_way_table_rows_and_columns_both_give_a_count_away() -> None:
    counts = [
        [5, 20, 30],
        [40, 50, 60],
        [70, 80, 90],
    ]

    protected = protect(counts)

    # fmt: off
    assert protected.released.tolist() == [
        [None, None, 30, 55],
        [None, None, 60, 150],
        [70, 80, 90, 240],
        [115, 150, 180, 445],
    ]
    # fmt: on
    assert protected.primary.sum() == 1
    assert protected.complementary.sum() == 3


def test_small_totals_are_withheld_too() -> None:
    protected = protect([[3, 0, 0], [0, 40, 50], [60, 70, 80]])

    assert protected.released[0, -1] is np.ma.masked
    assert not exposed(protected).any()


def test_withholding_only_the_small_counts_protects_nothing() -> None:
    """What most dashboards do. The audit finds all three counts again, exactly."""
    everything = np.array([[5, 20, 30, 55], [40, 7, 60, 107], [70, 80, 9, 159], [115, 107, 99, 321]])
    released = np.ma.masked_inside(everything, 1, 9)

    found = audit(released)

    assert released.mask.sum() == 3
    assert found.recovered.all()
    np.testing.assert_array_equal(found.lower, everything)


def test_the_minimum_cell_is_the_agreements() -> None:
    """Medicaid data need 11: there, a count of 10 is small."""
    assert shown([10, 20, 30]) == [10, 20, 30, 60]
    assert shown([10, 20, 30], minimum_cell=11) == [None, None, 30, 60]


def test_what_is_withheld_is_nowhere_in_the_release() -> None:
    released = protect([8, 12, 30]).released

    assert released.data[released.mask].tolist() == [0, 0]


def test_withheld_counts_all_print_alike() -> None:
    released = protect([8, 1200, 3000]).released

    assert [withhold_text(count) for count in released] == ["withheld", "withheld", "3,000", "4,208"]
    assert withhold_text(None) == "withheld"


def test_rates_come_from_released_counts_only() -> None:
    assert suppress_rate(25, 50_000) == Rate(per_100_000=50.0, unreliable=False)
    assert suppress_rate(0, 50_000) == Rate(per_100_000=0.0, unreliable=True)
    assert suppress_rate(None, 50_000) is None
    assert suppress_rate(np.ma.masked, 50_000) is None
    assert suppress_rate(9, 50_000) is None
    assert suppress_rate(25, 0) is None


@pytest.mark.parametrize(("count", "unreliable"), [(10, True), (19, True), (20, False)])
def test_a_rate_from_fewer_than_20_is_marked_unreliable(count: int, unreliable: bool) -> None:
    rate = suppress_rate(count, 10_000)

    assert rate is not None
    assert rate.unreliable is unreliable


@pytest.mark.parametrize(
    ("counts", "minimum_cell", "message"),
    [
        ([3, -1], 10, "A count is -1, expected 0 or more"),
        ([3.5, 1.0], 10, "Expected a table of whole numbers, got float64"),
        (7, 10, "of shape ()"),
        ([3, 1], 0, "The minimum cell is 0, expected 1 or more"),
    ],
)
def test_bad_input_is_named(counts, minimum_cell: int, message: str) -> None:
    with pytest.raises(ValueError) as error:
        protect(counts, minimum_cell=minimum_cell)
    assert message in str(error.value)


def test_published_counts_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ValueError, match="do not add up"):
        audit(np.ma.MaskedArray([5, 0, 4], mask=[False, True, False]))
