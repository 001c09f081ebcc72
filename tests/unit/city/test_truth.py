"""Counts add up, known outbreaks show in them, and help that worked can be measured."""

import csv
from collections import Counter
from datetime import date, timedelta

import pytest


def _days(begins_on: str, ends_on: str) -> list[str]:
    first, last = date.fromisoformat(begins_on), date.fromisoformat(ends_on)
    return [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]


def _count(truth, places, days) -> int:
    return sum(truth["counts"].get(place, {}).get(day, 0) for place in places for day in days)


def _around(outbreak, margin: int) -> list[str]:
    """The days before an outbreak, as many as `margin`."""
    first = date.fromisoformat(outbreak["begins_on"])
    return _days(str(first - timedelta(days=margin)), str(first - timedelta(days=1)))


def test_counts_per_place_and_day_are_the_incidents(city):
    counted = Counter((it["place"], it["at"][:10]) for it in city.truth["incidents"])
    assert counted == {
        (place, day): count for place, days in city.truth["counts"].items() for day, count in days.items()
    }
    assert city.files.counts.incidents == counted.total()


def test_rates_are_those_of_a_city_of_this_size(city):
    incidents = city.truth["incidents"]
    in_ems = [it for it in incidents if "ems" in it["records"]]
    assert 6 < len(in_ems) / 365 < 10
    assert 0.06 < sum(it["fatal"] for it in incidents) / len(incidents) < 0.10
    by_place = sorted(Counter(it["place"] for it in incidents).values())
    assert by_place[-5] > 3 * by_place[5]


def test_every_death_reaches_the_medical_examiner_and_no_survivor_does(city):
    last_day = date.fromisoformat(city.truth["last_day"])
    for incident in city.truth["incidents"]:
        known = "medical-examiner" in incident["records"]
        assert incident["fatal"] or not known
    old = [
        it for it in city.truth["incidents"]
        if it["fatal"] and date.fromisoformat(it["at"][:10]) < last_day - timedelta(days=120)
    ]  # fmt: skip
    reported = sum("medical-examiner" in it["records"] for it in old)
    assert reported / len(old) > 0.95  # the others' rows were damaged and never repaired


def test_there_are_enough_outbreaks_of_each_kind_and_two_are_alive_on_the_last_day(city):
    outbreaks = city.truth["outbreaks"]
    assert Counter(it["kind"] for it in outbreaks) == {"spike": 8, "hotspot": 3}
    alive = [it["key"] for it in outbreaks if it["ends_on"] == city.truth["last_day"]]
    assert alive == ["hotspot-3", "spike-8"]
    for outbreak in outbreaks:
        length = len(_days(outbreak["begins_on"], outbreak["ends_on"]))
        assert 1 <= length <= 3 if outbreak["kind"] == "spike" else 7 <= length <= 21


def test_every_outbreak_has_exactly_its_excess_in_its_places_and_days(city):
    for outbreak in city.truth["outbreaks"]:
        its_own = [it for it in city.truth["incidents"] if it["outbreak"] == outbreak["key"]]
        days = _days(outbreak["begins_on"], outbreak["ends_on"])
        assert len(its_own) == outbreak["excess"]
        assert {it["place"] for it in its_own} <= set(outbreak["places"])
        assert {it["at"][:10] for it in its_own} <= set(days)
        assert outbreak["multiplier"] >= 2


def test_known_spikes_stand_out_from_the_weeks_before(city):
    for outbreak in city.truth["outbreaks"]:
        days = _days(outbreak["begins_on"], outbreak["ends_on"])
        during = _count(city.truth, outbreak["places"], days) / len(days)
        before = _count(city.truth, outbreak["places"], _around(outbreak, 42)) / 42
        assert during > 1.5 * before, outbreak["key"]
        if outbreak["level"] == "neighbourhood":
            assert during >= 5 > 3 * before, outbreak["key"]


def test_help_halves_the_rate_in_the_helped_places_and_nowhere_else(city):
    aid = city.truth["help"]
    after = _days(aid["begins_on"], city.truth["last_day"])
    before = _days(city.truth["first_day"], _around(_answered(city), 1)[0])
    others = city.truth["counts"].keys() - set(aid["places"])

    def ratio(places) -> float:
        rates = (_count(city.truth, places, days) / len(days) for days in (after, before))
        return next(rates) / next(rates)

    assert ratio(aid["places"]) / ratio(others) == pytest.approx(aid["multiplier"], abs=0.12)


def test_the_helped_ward_had_no_other_outbreak(city):
    aid, answered = city.truth["help"], _answered(city)
    assert answered["level"] == "district"
    assert aid["begins_on"] > answered["ends_on"]
    touching = [it for it in city.truth["outbreaks"] if set(it["places"]) & set(aid["places"])]
    assert touching == [answered]


def _answered(city):
    key = city.truth["help"]["answers"]
    return next(it for it in city.truth["outbreaks"] if it["key"] == key)


def test_one_feed_dies_in_the_tenth_month_and_stays_silent(city):
    (dead,) = city.truth["dead_feeds"]
    assert dead["feed"] == "police"
    assert "2026-07-20" < dead["last_received_at"] < "2026-08-05"
    police = [it["file"] for it in city.read("deliveries.json") if it["feed"] == "police"]
    assert police[-1] == dead["last_file"]


def test_the_secret_key_of_an_incident_is_in_no_delivered_file(town):
    keys = {it["key"] for it in town.truth["incidents"]}
    for path in (town.files.folder / "deliveries").rglob("*.csv"):
        cells = set(path.read_text(encoding="latin-1").replace("\n", ",").replace(";", ",").split(","))
        assert not cells & keys


def test_one_incident_meets_in_several_agencies_records(city):
    agencies = Counter(len(it["records"]) for it in city.truth["incidents"])
    assert agencies[2] > 300
    assert agencies[3] > 50


def test_places_of_the_truth_are_places_of_the_city(town):
    with town.files.places.open(encoding="utf-8", newline="") as file:
        codes = {row["code"] for row in csv.DictReader(file) if row["kind"] == "neighborhood"}
    assert town.truth["counts"].keys() <= codes
    assert all(set(it["places"]) <= codes for it in town.truth["outbreaks"])
