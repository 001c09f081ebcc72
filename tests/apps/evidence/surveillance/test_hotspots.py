"""The scan of a jurisdiction: planted hotspots are found, earlier looks count, and none hides another."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest

from throughline.city.geography import Geography, lay_out
from throughline.city.incidents import daily_counts as by_place_and_day
from throughline.city.incidents import draw_incidents
from throughline.city.outbreaks import Outbreak, plan_help, plan_outbreaks
from throughline.city.risk import days_between, expected_incidents
from throughline.evidence.surveillance import hotspots
from throughline.evidence.surveillance.findings import Finding
from throughline.evidence.surveillance.hotspots import find_hotspots, too_little
from throughline.evidence.surveillance.queries import PlaceDays
from throughline.indicators import INDICATORS
from throughline.members.places.models import Place

OVERDOSES = INDICATORS["overdoses"]
DAYS = days_between(date(2025, 10, 1), date(2026, 3, 1))


@pytest.fixture(autouse=True)
def _few_replicates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hotspots, "replicates_needed", lambda looks: 399)


@cache
def halvern() -> tuple[Geography, tuple[Outbreak, ...], np.ndarray]:
    """The simulated city at half its size, what was planted in it, and what is expected of it."""
    geography = lay_out(seed=3, scale=0.5)
    expected = expected_incidents(geography, DAYS, seed=3)
    return geography, plan_outbreaks(geography, DAYS, expected), expected


def counts_of(outbreaks: Sequence[Outbreak]) -> PlaceDays:
    """What happened in the city where only these outbreaks did."""
    geography, planned, expected = halvern()
    incidents = draw_incidents(geography, DAYS, expected, outbreaks, plan_help(planned), seed=3)
    counted = by_place_and_day(incidents)
    codes = tuple(place.code for place in geography.neighbourhoods)
    counts = [[counted.get(code, {}).get(day.isoformat(), 0) for day in DAYS] for code in codes]
    return PlaceDays(
        places=codes,
        first_day=DAYS[0],
        counts=np.array(counts),
        unplaced=np.zeros(len(DAYS), np.int64),
        minimum_cell=10,
        feeds=("ems",),
    )


def find(counted: PlaceDays, *, looks: int = 1) -> list[Finding]:
    places = {
        place.code: Place(
            code=place.code,
            name=place.name,
            kind="neighborhood",
            latitude=place.latitude,
            longitude=place.longitude,
        )
        for place in halvern()[0].neighbourhoods
    }
    return find_hotspots(counted, OVERDOSES, places, looks=looks)


def planted(key: str) -> Outbreak:
    return next(outbreak for outbreak in halvern()[1] if outbreak.key == key)


def codes(finding: Finding) -> set[str]:
    return {place.code for place in finding.places}


class TestPlanted:
    def test_a_hotspot_that_goes_on_is_found_where_and_when_it_is(self) -> None:
        outbreak = planted("hotspot-3")
        strongest, *_others = find(counts_of([outbreak]), looks=60)
        assert codes(strongest) == set(outbreak.places)
        assert strongest.begins_on <= outbreak.begins_on < strongest.ends_on == DAYS[-1]
        assert strongest.evidence["observed"] > outbreak.excess

    def test_a_city_without_one_shows_none(self) -> None:
        assert find(counts_of([]), looks=60) == []

    def test_one_that_is_over_is_not_found(self) -> None:
        assert find(counts_of([planted("hotspot-1")])) == []


def two_hotspots(strong: int, weak: int) -> PlaceDays:
    """A quiet year in which, in the last week, two places far from each other are not: by so many events a day."""
    quiet = np.tile(np.arange(len(DAYS)) % 6 == 0, (24, 1)).astype(np.int64)
    counted = replace(counts_of([]), counts=quiet)
    counted.counts[0, -7:] += strong
    counted.counts[-1, -7:] += weak
    return counted


class TestBesideEachOther:
    def test_a_strong_one_hides_no_other(self) -> None:
        first, second = find(two_hotspots(strong=20, weak=2))
        assert codes(first) == {halvern()[0].neighbourhoods[0].code}
        assert halvern()[0].neighbourhoods[-1].code in codes(second)

    def test_in_one_scan_it_would(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Why the scan is made anew without the strong one: it takes up most of what is expected on its days."""
        monkeypatch.setattr(hotspots, "ITERATIONS", 1)
        assert len(find(two_hotspots(strong=20, weak=2))) == 1


class TestEarlierLooks:
    def test_a_chance_accounts_for_the_nights_before(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(hotspots, "RAISED_FROM_DAYS", 1)
        weak = two_hotspots(strong=1, weak=0)
        p_values = [find(weak, looks=looks)[0].evidence["p_value"] for looks in (1, 90)]
        assert p_values[1] > 2 * p_values[0]

    def test_what_is_raised_comes_back_no_more_than_once_a_year(self) -> None:
        for finding in find(two_hotspots(strong=20, weak=2), looks=90):
            assert finding.evidence["recurrence_interval_days"] >= 365


class TestEvidence:
    def test_expected_days_of_the_window_add_up_to_what_was_expected(self) -> None:
        for finding in find(two_hotspots(strong=20, weak=2)):
            days = (finding.ends_on - finding.begins_on).days + 1
            series = finding.evidence["series"]
            assert sum(series["expected"][-days:]) == pytest.approx(finding.evidence["expected"], abs=0.1)
            assert sum(series["observed"][-days:]) == finding.evidence["observed"]
            assert (
                sum(line["observed"] for line in finding.evidence["places"]) == finding.evidence["observed"]
            )


class TestTooLittle:
    def test_a_scan_needs_two_places(self) -> None:
        counted = counts_of([])
        assert too_little(counted.within(counted.places[:1])) == (
            "A scan needs two places with coordinates, or more."
        )

    def test_a_scan_needs_history(self) -> None:
        short = counts_of([]).until(DAYS[-1], 30)
        assert too_little(short) == "A scan needs 56 days of history; there are 30."

    def test_a_scan_needs_events(self) -> None:
        quiet = replace(counts_of([]), counts=np.zeros((24, len(DAYS)), np.int64))
        assert too_little(quiet) == "A scan needs two events, or more; there are 0."

    def test_else_it_can_be_made(self) -> None:
        assert too_little(counts_of([])) == ""
