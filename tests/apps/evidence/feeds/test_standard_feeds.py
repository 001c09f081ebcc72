"""Feeds of a standard's format need no mapping: deaths are coded later, kits are counted apart from overdoses."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from apps.evidence.conftest import AT
from death_records import PENDING, cause_line, certificate, coding, message
from factories import make_place, signed_agreement

from throughline.evidence.feeds.actions import add_feed
from throughline.evidence.feeds.models import Delivery, Feed
from throughline.evidence.feeds.queries import warehouse
from throughline.evidence.feeds.receiving import receive_delivery
from throughline.evidence.surveillance.actions import detect
from throughline.evidence.surveillance.queries import daily_counts
from throughline.formats.event import Event
from throughline.members.organizations.models import Organization
from throughline.policy.sharing import Purpose

FENTANYL = cause_line(1, "Fentanyl toxicity")


@pytest.fixture
def deaths(ems: Organization) -> Feed:
    return add_feed(key="deaths", name="Deaths", provider=ems, format="fhir", by="test", at=AT)


class Vitals:
    """A registrar who sends one message a day."""

    def __init__(self, feed: Feed, folder: Path) -> None:
        self._feed = feed
        self._folder = folder
        self._days = 30

    def sends(self, *documents: dict[str, Any]) -> Delivery:
        self._days += 1
        path = self._folder / f"{self._days}.ndjson"
        path.write_text("\n".join(map(json.dumps, documents)))
        at = AT + timedelta(days=self._days)
        return receive_delivery(feed=self._feed, path=path, by="test", at=at)[0]

    def known(self) -> Event:
        deliveries = [str(pk) for pk in self._feed.deliveries.values_list("pk", flat=True)]
        [event] = warehouse().latest_events(self._feed.key, deliveries, ["YC/2026/000042"]).values()
        return event

    def codes(self) -> set[str]:
        return {code for code in self.known().codes if not code.startswith("date_of")}


@pytest.fixture
def vitals(deaths: Feed, tmp_path: Path) -> Vitals:
    return Vitals(deaths, tmp_path)


def test_days_without_a_time_fall_where_the_installation_is(deaths: Feed, settings: Any) -> None:
    assert deaths.mapping is not None
    assert deaths.mapping.definition["occurred_at"]["time_zone"] == settings.TIME_ZONE


def test_codes_of_a_later_file_complete_the_death(vitals: Vitals) -> None:
    vitals.sends(message("vrdr_submission", certificate(FENTANYL)))
    receipt = vitals.sends(message("vrdr_causeofdeath_coding", coding("X42", "X42", "T40.4")))
    assert (receipt.accepted, receipt.revisions, receipt.quarantined) == (1, 1, 0)
    assert vitals.codes() == {"underlying_cause=X42", "multiple_cause=X42", "multiple_cause=T40.4"}
    assert (vitals.known().sex, vitals.known().manner) == ("female", "accident")


def test_codes_of_an_unknown_death_are_set_aside(vitals: Vitals) -> None:
    receipt = vitals.sends(message("vrdr_causeofdeath_coding", coding("X42", "X42")))
    assert (receipt.accepted, receipt.quarantined) == (0, 1)


def test_a_certificate_that_says_the_same_again_keeps_its_codes(vitals: Vitals) -> None:
    vitals.sends(certificate(FENTANYL, gender="unknown"))
    vitals.sends(message("vrdr_causeofdeath_coding", coding("X42", "X42", "T40.4")))
    vitals.sends(message("vrdr_submission_update", certificate(FENTANYL, gender="male")))
    assert vitals.known().sex == "male"
    assert "underlying_cause=X42" in vitals.codes()


def test_a_pending_death_that_is_closed_loses_its_old_codes(vitals: Vitals) -> None:
    vitals.sends(certificate(cause_line(1, "Pending"), manner=PENDING))
    vitals.sends(message("vrdr_causeofdeath_coding", coding("R99", "R99")))
    assert vitals.codes() == {"underlying_cause=R99", "multiple_cause=R99"}
    vitals.sends(certificate(FENTANYL))
    assert (vitals.known().manner, vitals.codes()) == ("accident", set())


def test_a_void_takes_the_death_back(vitals: Vitals) -> None:
    vitals.sends(certificate(FENTANYL))
    vitals.sends(message("vrdr_submission_void"))
    assert vitals.known().deleted


@pytest.fixture
def kits(ems: Organization, backbone: Organization, tmp_path: Path) -> Delivery:
    """A day on which 42 kits were given out, besides a number that was withheld."""
    make_place(code="W1", name="Ward 1", latitude=40.0, longitude=-75.0)
    both = ["naloxone_kits", "overdoses"]
    feed = add_feed(
        key="kits", name="Kits", provider=ems, format="naloxone_kits", counts_for=both, by="test", at=AT
    )
    signed_agreement(feed, recipients=[backbone])
    path = tmp_path / "kits.csv"
    path.write_text(
        "day,place,site,kits\n2026-03-01,W1,Van,30\n2026-03-01,W1,Library,12\n2026-03-01,W1,Clinic,<6\n"
    )
    return receive_delivery(feed=feed, path=path, by="test", at=AT)[0]


@pytest.mark.parametrize(("indicator", "count"), [("naloxone_kits", 42), ("overdoses", 0)])
def test_kits_are_counted_apart_from_overdoses(
    kits: Delivery, backbone: Organization, indicator: str, count: int
) -> None:
    day, later = date(2026, 3, 1), AT + timedelta(days=1)
    counted = daily_counts(
        indicator=indicator,
        start=day,
        end=day,
        purpose=Purpose.SURVEILLANCE,
        reader=backbone,
        by="test",
        at=later,
        as_of=later,
    )
    assert (kits.accepted, kits.quarantined) == (2, 1)
    assert counted.counts.sum() == count


def test_more_kits_are_no_harm_that_anyone_must_answer(kits: Delivery) -> None:
    runs = detect(on=date(2026, 3, 1), by="test", at=AT + timedelta(days=1))
    assert {run.indicator for run in runs} == {"overdoses"}
