"""The sentence of a hotspot, word for word."""

from datetime import date
from typing import Any

import pytest
from django.utils.translation import override

from throughline.evidence.surveillance.wording import (
    chance_in_words,
    expected_in_words,
    hotspot_sentence,
    interval_in_words,
)
from throughline.indicators import INDICATORS
from throughline.members.places.models import Place

OVERDOSES = INDICATORS["overdoses"]
YEAR = 365.25


def neighbourhoods(count: int) -> list[Place]:
    return [Place(code=f"N{n}", name=f"Canal Street {n}", kind="neighborhood") for n in range(count)]


def sentence(**facts: Any) -> str:
    defaults = {
        "indicator": OVERDOSES,
        "observed": 13,
        "places": neighbourhoods(5),
        "since": date(2026, 3, 7),
        "expected": 4.2,
        "interval_days": 2.45 * YEAR,
        "is_bound": False,
    }
    return hotspot_sentence(**defaults | facts)


class TestSentence:
    def test_says_how_many_where_since_when_against_what(self) -> None:
        assert sentence() == (
            "13 overdoses in 5 neighbourhoods since March 7 where 4 were expected; "
            "a chance as small as once in 2.4 years."
        )

    def test_of_an_interval_that_no_replicate_reached_it_says_the_bound(self) -> None:
        assert sentence(interval_days=1000, is_bound=True) == (
            "13 overdoses in 5 neighbourhoods since March 7 where 4 were expected; "
            "a chance rarer than once in 2.7 years."
        )

    def test_one_place_is_named_and_one_event_is_singular(self) -> None:
        assert sentence(observed=1, places=neighbourhoods(1), expected=1.0, interval_days=YEAR) == (
            "1 overdose in Canal Street 0 since March 7 where 1 was expected; a chance as small as once in 1 year."
        )

    def test_places_of_several_kinds_are_places(self) -> None:
        mixed = [*neighbourhoods(2), Place(code="T", name="T", kind="town")]
        assert " in 3 places since " in sentence(places=mixed)

    def test_days_are_written_as_readers_write_them(self) -> None:
        with override("en-gb"):
            assert " since 7 March where " in sentence()


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (0.02, "hardly any were expected"),
        (0.31, "0.3 were expected"),
        (0.96, "1 was expected"),
        (1.44, "1.4 were expected"),
        (2.5, "3 were expected"),
        (19.6, "20 were expected"),
    ],
)
def test_what_was_expected(expected: float, words: str) -> None:
    assert expected_in_words(expected) == words


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (1, "1 day"),
        (13.9, "13 days"),
        (14, "2 weeks"),
        (365, "52 weeks"),
        (366, "1 year"),
        (876.6, "2.4 years"),
        (1000, "2.7 years"),
        (2 * YEAR, "2 years"),
        (12.9 * YEAR, "12 years"),
    ],
)
def test_intervals_are_rounded_down_to_what_can_be_read(days: float, words: str) -> None:
    assert interval_in_words(days) == words


def test_no_chance_is_told_to_be_rarer_than_once_in_a_century() -> None:
    assert chance_in_words(5000 * YEAR, is_bound=False) == "rarer than once in 100 years"
