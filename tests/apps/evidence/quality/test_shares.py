"""Shares that single nobody out, and verdicts that don't either."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from throughline.evidence.quality.lines import field_name, percent
from throughline.evidence.quality.periods import Period, period_named
from throughline.evidence.quality.shares import MonthlyShares, may_be_shown, monthly_shares, share_to_judge
from throughline.evidence.quality.verdicts import LIMITS, Limit, Verdict
from throughline.ui.charts import MISSING

MONTHS = [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
MINIMUM = 10
counts = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=3, max_size=3)


def shares(*months: tuple[int, int], minimum_cell: int = MINIMUM) -> MonthlyShares:
    """Months as (known, unknown)."""
    known = [month[0] for month in months]
    return monthly_shares(MONTHS, known, [sum(month) for month in months], minimum_cell=minimum_cell)


@settings(max_examples=80)
@given(counts)
def test_no_share_is_shown_that_rests_on_few(months: list[tuple[int, int]]) -> None:
    for share, parts in zip(shares(*months).shares, months, strict=True):
        if any(0 < part < MINIMUM for part in parts):
            assert share is None


@settings(max_examples=80)
@given(counts)
def test_a_share_that_is_withheld_is_never_the_only_one_unless_the_mean_is_withheld_too(
    months: list[tuple[int, int]],
) -> None:
    found = shares(*months)
    if None in found.shares[:-1]:
        assert found.before is None


def test_where_one_month_is_withheld_another_goes_with_it() -> None:
    assert [share is None for share in shares((50, 5), (50, 40), (50, 60)).shares].count(True) >= 2


def test_an_organization_sees_all_of_its_own() -> None:
    found = shares((49, 1), (1, 49), (0, 0), minimum_cell=1)
    assert found.shares == pytest.approx([0.98, 0.02, MISSING], nan_ok=True)


@pytest.mark.parametrize(
    ("share", "of", "shown", "judged"),
    [
        (1.0, 8, False, None),
        (0.98, 199, False, None),
        (0.98, 200, False, 0.98),
        (0.5, 100, True, 0.5),
        (MISSING, 0, True, None),
    ],
)
def test_a_verdict_rests_on_figures_that_are_shown_or_on_so_many_that_it_tells_nothing(
    share: float, of: int, shown: bool, judged: float | None
) -> None:
    assert share_to_judge(share, of=of, shown=shown, minimum_cell=MINIMUM) == judged


@pytest.mark.parametrize(
    ("parts", "of", "shown"),
    [([20, 30], 50, True), ([20, 27], 50, False), ([9], 50, False), ([0], 50, True), ([50], 50, True)],
)
def test_parts_and_what_is_left_beside_them(parts: list[int], of: int, shown: bool) -> None:
    assert may_be_shown(*parts, of=of, minimum_cell=MINIMUM) is shown


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (0.95, Verdict.GOOD),
        (0.94, Verdict.LOOK),
        (0.80, Verdict.LOOK),
        (0.79, Verdict.ASK),
        (None, Verdict.UNTOLD),
    ],
)
def test_more_known_values_are_better(value: float | None, verdict: Verdict) -> None:
    assert LIMITS["complete"].verdict(value) is verdict


def test_fewer_days_are_better() -> None:
    days = Limit(good=7, ask=30)
    assert [days.verdict(value) for value in (7, 8, 30, 31)] == [
        Verdict.GOOD,
        Verdict.LOOK,
        Verdict.LOOK,
        Verdict.ASK,
    ]


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (1.0, "100%"),
        (0.999, "99%"),
        (0.001, "1%"),
        (0.0, "0%"),
        (0.5, "50%"),
        (None, "withheld"),
        (MISSING, "–"),
    ],
)
def test_all_and_none_are_told_only_where_they_are(share: float | None, shown: str) -> None:
    assert percent(share) == shown


NOW = datetime(2026, 3, 7, 12, tzinfo=UTC)


def test_fields_are_named_as_on_paper_and_elements_as_in_their_standard() -> None:
    assert (field_name("age_group"), field_name("eSituation.11")) == ("Age group", "eSituation.11")


def test_a_month_its_neighbours_and_the_year_before() -> None:
    january = Period(date(2026, 1, 1))
    assert (str(january.earlier), str(january), str(january.later)) == ("2025-12", "2026-01", "2026-02")
    assert (january.ends_on, january.compared_from) == (date(2026, 1, 31), date(2025, 1, 1))
    assert january.compared_until == date(2025, 12, 31)
    assert period_named("2026-01", NOW) == january


@pytest.mark.parametrize(
    "month", ["", "2026", "2026-13", "2026-01-05", "0001-05", "9999-12", "2026-04", "last month"]
)
def test_what_is_no_month_that_can_be_compared_is_none(month: str) -> None:
    assert period_named(month, NOW) is None
