"""A hotspot through its looks: raised once, followed while it goes on, and told on its page."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from factories import make_organization, make_place, person_with

from throughline.evidence.agreements.models import Agreement
from throughline.evidence.feeds.models import Feed
from throughline.evidence.feeds.receiving import receive_delivery
from throughline.evidence.surveillance import actions, hotspots
from throughline.evidence.surveillance.actions import detect
from throughline.evidence.surveillance.course import course_of
from throughline.evidence.surveillance.findings import Finding
from throughline.evidence.surveillance.models import DetectionRun, Sighting
from throughline.evidence.surveillance.sightings import Known
from throughline.members.organizations.models import Organization
from throughline.members.places.models import Place
from throughline.signals.actions import close_signal
from throughline.signals.models import Signal

FIRST = date(2025, 12, 1)
LAST = date(2026, 3, 1)
AT = datetime(2026, 4, 7, 9, tzinfo=UTC)
_keys = count()

pytestmark = pytest.mark.usefixtures("agreement", "few_replicates")


@pytest.fixture
def few_replicates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hotspots, "replicates_needed", lambda looks: 399)


@pytest.fixture
def watch(feed: Feed, backbone: Organization, csv_file: Callable[..., Path]) -> Callable[..., None]:
    """Receives rows, and looks at each of the days."""

    def watch_days(rows: Iterable[str], *days: date) -> None:
        path = csv_file(*rows, name=f"{next(_keys)}.csv")
        receive_delivery(feed=feed, path=path, by="test", at=AT - timedelta(hours=1))
        for day in days:
            detect(on=day, by="test", at=AT)

    return watch_days


def events(place: str, days: Iterable[date], each: int = 1) -> list[str]:
    return [f"e{next(_keys)},{day} 10:00,{place},lived" for day in days for _ in range(each)]


def days(first: date, last: date, step: int = 1) -> list[date]:
    return [first + timedelta(days=n) for n in range(0, (last - first).days + 1, step)]


def background() -> list[str]:
    """Eight quiet wards, two of them (of the feed) side by side and far from the others, each every third day."""
    for n in range(6):
        make_place(code=f"X{n}", name=f"X{n}", latitude=42 + n / 10, longitude=-75.0)
    codes = [f"X{n}" for n in range(6)] + ["W1", "W2"]
    return [
        row
        for turn, code in enumerate(codes)
        for row in events(code, days(FIRST + timedelta(days=turn % 3), LAST, step=3))
    ]


def hotspot_of(*codes: str) -> Signal:
    return next(
        signal
        for signal in Signal.objects.filter(kind="hotspot")
        if {place.code for place in signal.places.all()} == set(codes)
    )


WEEK = days(date(2026, 2, 20), date(2026, 2, 26))


class TestOneSignal:
    def test_its_sentence_is_what_people_would_say(self, watch: Callable) -> None:
        watch(background() + events("W1", WEEK, 2) + events("W2", WEEK, 2), WEEK[-1])
        assert Signal.objects.get(kind="hotspot").sentence == (
            "33 overdoses in 2 wards since February 20 where 16 were expected; a chance rarer than once in 1 year."
        )

    def test_while_it_goes_on_it_is_raised_once(self, watch: Callable) -> None:
        watch(background() + events("W1", WEEK, 2) + events("W2", WEEK, 2), *WEEK[3:])
        signal = Signal.objects.get(kind="hotspot")
        assert [seen.ends_on for seen in signal.sightings.all()] == WEEK[:2:-1]
        scans = DetectionRun.objects.filter(method="prospective_scan").order_by("on")
        assert [(run.findings, run.ongoing) for run in scans] == [(1, 0), (1, 1), (1, 1), (1, 1)]

    def test_it_goes_on_for_more_than_a_week(self, watch: Callable) -> None:
        weeks = days(date(2026, 2, 8), date(2026, 2, 28))
        watch(background() + events("W1", weeks, 2), *weeks[5::5])
        assert Signal.objects.filter(kind="hotspot").count() == 1

    def test_of_a_day_looked_at_again_the_newer_sighting_is_told_and_the_older_as_of_its_time(
        self, watch: Callable
    ) -> None:
        rows = background() + events("W1", WEEK, 2)
        watch(rows, WEEK[-1])
        watch(events("W1", WEEK[-1:], 3))
        detect(on=WEEK[-1], by="test", at=AT + timedelta(hours=1))
        signal = hotspot_of("W1")
        (now,), (then,) = (course_of(signal, as_of=until).steps for until in (None, AT))
        assert now.sighting.observed == 3 + signal.evidence["observed"]
        assert then.sighting.observed == signal.evidence["observed"]

    def test_elsewhere_on_the_same_days_it_is_another(self, watch: Callable) -> None:
        watch(background() + events("W1", WEEK, 3) + events("X5", WEEK[3:], 3), WEEK[3], WEEK[-1])
        assert hotspot_of("W1").sightings.count() == 2
        assert hotspot_of("X5").sightings.count() == 1

    def test_days_after_its_closing_are_news(self, watch: Callable) -> None:
        watch(background() + events("W1", days(date(2026, 2, 10), date(2026, 2, 14)), 3), date(2026, 2, 14))
        closed_at = datetime(2026, 2, 15, 15, tzinfo=UTC)
        close_signal(signal=hotspot_of("W1"), verdict="worked", by=person_with(role="analyst"), at=closed_at)
        watch([], date(2026, 2, 20))
        assert hotspot_of("W1").sightings.count() == 2  # of days before its closing
        watch(events("W1", days(date(2026, 2, 19), date(2026, 2, 25)), 9), date(2026, 2, 25))
        assert Signal.objects.filter(kind="hotspot").count() == 2


class TestWhatGoesOn:
    """Findings of a ward's events against hotspots that are known, as the places that each was raised for."""

    known = Known({Signal(pk=1): {"A"}, Signal(pk=2): {"B", "C"}})

    @pytest.mark.parametrize(
        ("events_in", "is_told", "goes_on"),
        [
            ({"A": 9}, True, [1]),
            ({"A": 5, "D": 4}, True, [1]),  # grown by a place
            ({"A": 4, "D": 9}, False, [1]),  # swallowed by news
            ({"C": 3, "D": 9}, False, [2]),
            ({"A": 3, "B": 3, "D": 4}, True, [1, 2]),  # two that met
            ({"D": 9}, False, []),
        ],
    )
    def test_a_finding(self, events_in: dict[str, int], is_told: bool, goes_on: list[int]) -> None:
        finding = Finding(
            kind="hotspot",
            title="",
            sentence="",
            places=tuple(Place(code=code) for code in events_in),
            begins_on=FIRST,
            ends_on=LAST,
            evidence={"places": [{"code": code, "observed": n} for code, n in events_in.items()]},
        )
        assert self.known.tell_of(finding) == is_told
        assert [signal.pk for signal in self.known.that_go_on_in(finding)] == goes_on


class TestEarlierLooks:
    def test_each_look_accounts_for_those_before(self, watch: Callable) -> None:
        rows = background() + events("W1", WEEK[-2:], 2)
        watch(rows, date(2026, 2, 28))
        alone = DetectionRun.objects.get(method="prospective_scan")
        watch([], date(2026, 2, 26), date(2026, 3, 1))
        latest = DetectionRun.objects.filter(method="prospective_scan").order_by("on").last()
        assert alone.settings["looks"] == 1
        assert latest.settings["looks"] == 4  # from the first look, also where a night was left out

    def test_a_look_at_too_little_is_none(self, watch: Callable) -> None:
        watch(background(), FIRST + timedelta(days=40), LAST)
        early, late = DetectionRun.objects.filter(method="prospective_scan").order_by("on")
        assert early.shortfall == "A scan needs 56 days of history; there are 41."
        assert (late.shortfall, late.settings["looks"]) == ("", 1)

    def test_a_refused_look_is_none_and_is_remembered(self, watch: Callable, agreement: Agreement) -> None:
        Agreement.objects.update(ends_on=date(2026, 4, 1))
        watch(background(), date(2026, 2, 27))
        Agreement.objects.update(ends_on=agreement.ends_on)
        watch([], LAST)
        refused, made = DetectionRun.objects.filter(method="prospective_scan").order_by("on")
        assert "ended on 2026-04-01" in refused.refusals[0]
        assert (refused.series, made.refusals, made.settings["looks"]) == (0, [], 1)


class TestWriting:
    @pytest.mark.django_db(transaction=True)
    def test_nobody_waits_for_the_replicates(self, watch: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
        locked = []

        def find_nothing(*_: Any, **__: Any) -> list[Finding]:
            locked.append(connection.in_atomic_block)
            return []

        monkeypatch.setattr(actions, "find_hotspots", find_nothing)
        watch(background(), LAST)
        assert locked == [False]

    def test_a_scan_that_is_cut_off_leaves_nothing(
        self, watch: Callable, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def cut_off(*_: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(actions, "keep_sighting", cut_off)
        with pytest.raises(KeyboardInterrupt):
            watch(background() + events("W1", WEEK, 2), WEEK[-1])
        assert not DetectionRun.objects.filter(method="prospective_scan").exists()
        assert not Signal.objects.filter(kind="hotspot").exists()


class TestUpgrade:
    """Looks and signals from when every place was scanned at once, and no sightings were kept."""

    @pytest.fixture
    def forget(self) -> Callable[[], None]:
        def as_before_sightings() -> None:
            Sighting.objects.all().delete()
            DetectionRun.objects.update(jurisdiction=None)

        return as_before_sightings

    def test_a_hotspot_that_goes_on_keeps_its_signal(self, watch: Callable, forget: Callable) -> None:
        watch(background() + events("W1", WEEK, 2), WEEK[-2])
        forget()
        watch([], WEEK[-1])
        assert [seen.ends_on for seen in Signal.objects.get(kind="hotspot").sightings.all()] == WEEK[-1:]

    def test_a_hotspot_of_another_indicator_doesnt(self, watch: Callable, forget: Callable) -> None:
        watch(background() + events("W1", WEEK, 2), WEEK[-2])
        forget()
        Signal.objects.update(evidence={"indicator": "deaths"})
        watch([], WEEK[-1])
        assert Signal.objects.filter(kind="hotspot").count() == 2

    def test_days_after_its_closing_are_news(self, watch: Callable, forget: Callable) -> None:
        watch(background() + events("W1", WEEK, 3), WEEK[-1])
        forget()
        Signal.objects.update(begins_on=WEEK[0], ends_on=WEEK[-1])
        closed_at = datetime(2026, 2, 19, 15, tzinfo=UTC)
        close_signal(signal=hotspot_of("W1"), verdict="worked", by=person_with(role="analyst"), at=closed_at)
        watch([], WEEK[-1] + timedelta(days=1))
        assert Signal.objects.filter(kind="hotspot").count() == 2

    def test_scans_of_all_places_count_as_looks_at_each(self, watch: Callable, forget: Callable) -> None:
        rows = background()
        county = make_place(code="C", name="County", kind="county")
        Place.objects.exclude(pk=county.pk).update(parent=county)
        watch(rows, date(2026, 2, 26))
        forget()
        watch([], LAST)
        assert DetectionRun.objects.get(jurisdiction__code="C").settings["looks"] == 4


class TestJurisdictions:
    def test_each_is_scanned_for_itself(self, watch: Callable) -> None:
        rows = background()
        for code, inside in (("north", "X"), ("south", "W")):
            county = make_place(code=code, name=code.title(), kind="county")
            Place.objects.filter(code__startswith=inside).update(parent=county)
        watch(rows + events("X5", WEEK, 3), WEEK[-1])
        runs = DetectionRun.objects.filter(method="prospective_scan").order_by("jurisdiction__code")
        assert [(str(run.jurisdiction), run.series, run.findings) for run in runs] == [
            ("North", 6, 1),
            ("South", 2, 0),
        ]
        assert DetectionRun.objects.get(method="daily_spikes").jurisdiction is None

    def test_one_with_a_single_place_says_that_it_is_too_little(
        self, watch: Callable, client_for: Callable
    ) -> None:
        rows = background()
        county = make_place(code="C", name="County", kind="county")
        Place.objects.filter(code="W1").update(parent=county)
        watch(rows, LAST)
        run = DetectionRun.objects.get(jurisdiction=county)
        assert run.shortfall == "A scan needs two places with coordinates, or more."
        page = client_for(person_with(role="analyst")).get("/detection/").content.decode()
        assert "Space-time scan, County" in page
        assert run.shortfall in page


class TestItsPage:
    @pytest.fixture
    def signal(self, watch: Callable) -> Signal:
        growing = [*events("W1", WEEK[:4], 3), *events("W1", WEEK[4:], 5)]
        watch(background() + growing, *WEEK[3:])
        return Signal.objects.get(kind="hotspot")

    def test_tells_each_look_and_that_it_grows(
        self, signal: Signal, client_for: Callable, backbone: Organization
    ) -> None:
        page = self.page(signal, client_for(person_with(role="analyst", organization=backbone)))
        course = course_of(signal)
        assert (course.first_seen_on, course.last_seen_on) == (WEEK[3], WEEK[-1])
        assert [step.trend.label for step in course.steps] == ["grows", "grows", "grows", "new"]
        for part in (
            "How it went on",
            "First seen",
            "Feb. 23, 2026",
            "As seen on Feb. 26, 2026:",
            "in Ward 1 since February 20",
        ):
            assert part in page

    def test_draws_its_places_its_days_and_what_was_expected(
        self, signal: Signal, client_for: Callable, backbone: Organization
    ) -> None:
        page = self.page(signal, client_for(person_with(role="analyst", organization=backbone)))
        for part in ("tl-map__drawing", "tl-chart__drawing", "The finding begins", "Expected"):
            assert part in page

    def test_says_when_a_larger_one_has_swallowed_it(self, signal: Signal) -> None:
        latest = signal.sightings.first()
        latest.places = ["W1", "W2", "X5"]
        latest.save()
        assert course_of(signal).trend.label == "in a larger one"

    def test_says_when_it_is_no_longer_seen(self, signal: Signal, watch: Callable) -> None:
        watch([], date(2026, 3, 20), date(2026, 4, 5))
        course = course_of(signal)
        assert course.trend.label == "no longer seen"
        assert course.unseen_on[-1] == date(2026, 4, 5)

    def test_tells_nothing_to_those_whom_no_agreement_names(
        self, signal: Signal, client_for: Callable
    ) -> None:
        stranger = person_with(role="analyst", organization=make_organization())
        page = self.page(signal, client_for(stranger))
        assert "How it went on" not in page
        assert "rarer than" not in page

    def test_before_it_was_seen_the_page_says_so(
        self, signal: Signal, client_for: Callable, backbone: Organization
    ) -> None:
        client = client_for(person_with(role="analyst", organization=backbone))
        page = client.get(f"/responses/signals/{signal.pk}/", {"as_of": "2026-01-10"}).content.decode()
        assert "No look had seen it by then." in page
        assert "As of Jan. 10, 2026." in page

    @staticmethod
    def page(signal: Signal, client: Any) -> str:
        return client.get(f"/responses/signals/{signal.pk}/").content.decode()
