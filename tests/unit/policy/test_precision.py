"""How roughly fields are told: the order of precisions, and the areas that are too small to be told at all."""

import csv
from pathlib import Path

import pytest

from throughline.policy.precision import PRECISIONS, RESTRICTED_ZIP3, coarseness, coarsest

CODES = Path(__file__).parents[3] / "../shared/codes/hipaa_zip3_restricted.csv"


def test_each_way_is_coarser_than_the_one_before() -> None:
    assert [coarseness("occurred_at", how) for how in (None, "day", "month")] == [0, 1, 2]
    for field, ways in PRECISIONS.items():
        assert [coarseness(field, how) for how in ways] == list(range(1, len(ways) + 1))


@pytest.mark.parametrize("field", ["outcome", "occurred_at"])
def test_a_precision_that_the_field_can_not_have(field: str) -> None:
    with pytest.raises(ValueError, match=f"The field {field} can't be told to the zip3"):
        coarseness(field, "zip3")


def test_of_several_precisions_the_coarsest_holds_whatever_their_order() -> None:
    day, month, band = {"occurred_at": "day"}, {"occurred_at": "month"}, {"age": "band"}
    assert coarsest(day, month, band) == coarsest(band, month, day) == month | band
    assert coarsest(day, day) == day
    assert coarsest() == coarsest({}, {}) == {}


def test_small_areas_are_those_of_either_census() -> None:
    if not CODES.is_file():
        pytest.skip("The list of codes is not at hand: ../shared/codes is missing.")
    with CODES.open() as file:
        listed = {row["zip3"] for row in csv.DictReader(file)}
    assert listed == RESTRICTED_ZIP3
