"""Late, silent, half-empty and drying up: each is told once, to the steward, and over with the next good file."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from apps.evidence.conftest import AT
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from factories import make_organization, make_person, person_with, signed_agreement

from throughline.evidence.feeds.clocks.actions import promise_rhythm, watch_feeds
from throughline.evidence.feeds.clocks.queries import Clock, clock_of
from throughline.evidence.feeds.models import Delivery, Feed
from throughline.ledger.models import Entry
from throughline.members.organizations.models import Organization
from throughline.signals.models import Signal

DAY, WEEK = timedelta(days=1), timedelta(days=7)
_numbers = count(1)


@pytest.fixture
def learned(feed: Feed) -> Feed:
    """Without a promise, with a steward."""
    feed.expected_every_days, feed.steward = None, make_person()
    feed.save()
    return feed


def receipt(feed: Feed, at: datetime, rows: int = 40, **facts: Any) -> Delivery:
    """The receipt of a file, not stored; what was in it doesn't matter here."""
    number = next(_numbers)
    fields = {
        "mapping": feed.mapping, "file_name": f"{number}.csv", "file_sha256": f"{number:064}", "file_bytes": 1,
        "received_at": at, "usable_at": at, "door": "cli", "rows": rows, "accepted": rows, "duplicates": 0,
        "quarantined": 0,
    }  # fmt: skip
    return Delivery(feed=feed, **fields | facts)


def deliver(feed: Feed, at: datetime, rows: int = 40, **facts: Any) -> Delivery:
    delivery = receipt(feed, at, rows, **facts)
    delivery.save(force_insert=True)
    return delivery


def deliver_daily(feed: Feed, days: int, rows: int = 40) -> datetime:
    """The instant of the last one."""
    for n in range(days):
        deliver(feed, AT + n * DAY, rows + n % 5)
    return AT + (days - 1) * DAY


def watch(at: datetime) -> list[Signal]:
    return watch_feeds(by="test", at=at)


def of_kind(kind: str) -> Signal:
    return Signal.objects.get(kind=kind)


class TestWhatIsExpected:
    def test_too_few_files_teach_nothing_and_raise_nothing(self, learned: Feed) -> None:
        deliver_daily(learned, 8)
        clock = clock_of(learned, AT + 60 * DAY)
        assert (clock.learned, clock.standing) == (None, "not known yet")
        assert watch(AT + 60 * DAY) == []

    def test_after_eight_intervals_a_rhythm_is_known(self, learned: Feed) -> None:
        last = deliver_daily(learned, 20)
        clock = clock_of(learned, last + DAY)
        assert clock.learned.typical_days == pytest.approx(1, abs=0.05)
        assert clock.late_at == pytest.approx(last + 1.25 * DAY, abs=timedelta(hours=2))
        assert clock.standing == "on time"

    def test_a_promise_wins_over_what_was_learned(self, learned: Feed) -> None:
        last = deliver_daily(learned, 20)
        promise_rhythm(feed=learned, days=4, by="test", at=last)
        clock = clock_of(learned, last + 2 * DAY)
        assert (clock.standing, clock.late_at) == ("on time", timezone.localtime(last + 5 * DAY))
        assert clock.learned.typical_days == pytest.approx(1, abs=0.05)
        assert Entry.objects.get(verb="promise_rhythm").detail == {"from": None, "to": 4}

    def test_a_daily_promise_does_not_count_weekdays_without_files(self, feed: Feed) -> None:
        for n in range(61):
            if (AT + n * DAY).weekday() < 5:
                deliver(feed, AT + n * DAY)
        friday = clock_of(feed, AT + 60 * DAY).last_received_at
        assert clock_of(feed, friday + 2.9 * DAY).standing == "on time"
        assert clock_of(feed, friday + 3.5 * DAY).standing == "late"

    def test_replays_and_withdrawn_files_are_no_arrivals(self, learned: Feed) -> None:
        original = deliver(learned, AT)
        deliver(learned, AT + DAY, replay_of=original, door="replay")
        withdrawn = {"withdrawn_by": make_person(), "withdrawal_reason": "By mistake."}
        deliver(learned, AT + 2 * DAY, withdrawn_at=AT + 3 * DAY, **withdrawn)
        assert len(clock_of(learned, AT + 4 * DAY).arrivals) == 1
        assert len(clock_of(learned, AT + 2 * DAY).arrivals) == 2  # as it was known then

    def test_of_many_files_a_day_all_days_are_learned_from(self, learned: Feed) -> None:
        Delivery.objects.bulk_create(receipt(learned, AT + n * DAY / 48) for n in range(12 * 48))
        clock = clock_of(learned, AT + 12 * DAY)
        assert clock.learned.intervals == len(clock.arrivals) - 1 >= 11
        assert clock.last_received_at == AT + 12 * DAY - DAY / 48


class TestLateAndSilent:
    def test_late_then_silent_then_over(self, learned: Feed) -> None:
        last = deliver_daily(learned, 20)
        assert watch(last + DAY) == []
        (late,) = watch(last + 1.6 * DAY)
        assert (late.kind, late.owner) == ("late_feed", learned.steward)
        assert late.sentence == (
            "No file for 1 day; one usually comes every 1 day, and hardly ever after more than 1.3 days. "
            "The last came on March 21, 2026."
        )
        (silent,) = watch(last + 4 * DAY)
        assert silent.kind == "silent_feed"
        assert list(Signal.objects.waiting()) == [silent]
        assert of_kind("late_feed").over_because == "It has gone silent since."
        assert watch(last + 5 * DAY) == []
        deliver(learned, last + 6 * DAY)
        assert watch(last + 6 * DAY + timedelta(minutes=10)) == []
        assert of_kind("silent_feed").over_because == "A file came on March 27, 2026."
        assert not Signal.objects.waiting().exists()

    def test_the_next_silence_is_another_signal(self, learned: Feed) -> None:
        last = deliver_daily(learned, 20)
        watch(last + 5 * DAY)
        deliver(learned, last + 6 * DAY)
        watch(last + 6 * DAY)
        assert [signal.kind for signal in watch(last + 12 * DAY)] == ["silent_feed"]

    def test_a_withdrawn_file_does_not_end_a_silence(self, feed: Feed) -> None:
        deliver(feed, AT)
        deliver(
            feed, AT + 9 * DAY, withdrawn_at=AT + 9 * DAY, withdrawn_by=make_person(), withdrawal_reason="X"
        )
        (silent,) = watch(AT + 10 * DAY)
        assert watch(AT + 11 * DAY) == []
        silent.refresh_from_db()
        assert silent.is_waiting

    def test_what_a_person_closed_stays_closed(self, feed: Feed) -> None:
        deliver(feed, AT)
        (silent,) = watch(AT + 10 * DAY)
        Signal.objects.filter(pk=silent.pk).update(
            closed_at=AT + 10 * DAY, closed_by=make_person(), verdict="cannot_tell"
        )
        deliver(feed, AT + 11 * DAY)
        assert watch(AT + 11 * DAY) == []
        assert of_kind("silent_feed").over_at is None


class TestSize:
    def test_a_half_empty_file_is_told_with_figures_and_over_with_the_next_good_one(
        self, learned: Feed
    ) -> None:
        last = deliver_daily(learned, 30)
        deliver(learned, last + DAY, 5)
        (signal,) = watch(last + DAY + timedelta(hours=1))
        assert signal.kind == "half_empty_feed"
        assert signal.title == "EMS records: far fewer rows than usual"
        assert signal.sentence.startswith("5 rows were accepted on April 1, 2026, where 42 are usual (")
        deliver(learned, last + 2 * DAY, 4)
        assert watch(last + 2 * DAY + timedelta(hours=1)) == []  # the same episode
        deliver(learned, last + 3 * DAY, 41)
        assert watch(last + 3 * DAY + timedelta(hours=1)) == []
        assert of_kind("half_empty_feed").over_because == "Files are of the usual size again."

    def test_the_rest_of_a_file_that_comes_later_on_its_day_ends_it(self, learned: Feed) -> None:
        last = deliver_daily(learned, 30)
        deliver(learned, last + DAY, 5)
        watch(last + DAY + timedelta(hours=1))
        deliver(learned, last + DAY + timedelta(hours=2), 36)
        watch(last + DAY + timedelta(hours=3))
        assert not of_kind("half_empty_feed").is_waiting

    def test_where_several_files_come_a_day_all_are_waited_for(self, learned: Feed) -> None:
        for n in range(60):
            deliver(learned, AT + n * DAY / 2, 20)
        last = AT + 30 * DAY
        deliver(learned, last, 4)
        assert watch(last + timedelta(hours=1)) == []
        assert [signal.kind for signal in watch(last + DAY)] == ["half_empty_feed"]

    def test_its_figures_are_for_those_who_may_see_the_feeds_counts(
        self, learned: Feed, client_for: Callable[..., Client], ems: Organization
    ) -> None:
        last = deliver_daily(learned, 30)
        deliver(learned, last + DAY, 5)
        (signal,) = watch(last + DAY + timedelta(hours=1))
        address = reverse("signal", args=[signal.pk])
        pages = {
            organization: client_for(person_with(role="member", organization=organization)).get(address)
            for organization in (ems, make_organization())
        }
        own, others = (page.content.decode() for page in pages.values())
        assert signal.sentence in own
        assert signal.sentence not in others
        assert signal.title in others

    def test_many_small_steps_down_are_told_once(self, learned: Feed) -> None:
        for n in range(17 * 7):
            deliver(learned, AT + n * DAY, round(60 * 0.95 ** (n / 7)))
        last = AT + (17 * 7 - 1) * DAY
        (signal,) = watch(last + timedelta(hours=1))
        assert signal.kind == "drying_up_feed"
        assert signal.sentence.startswith(
            "From about 371 rows a week to about 200, step by step over 15 weeks. Either fewer people overdose, or"
        )
        for n in range(1, 15):
            deliver(learned, last + n * DAY, 24)
            assert watch(last + n * DAY + timedelta(hours=1)) == []


class TestPage:
    @pytest.fixture
    def address(self, learned: Feed) -> str:
        for n in range(30):
            deliver(learned, AT + n * DAY, 40)
        return f"/feeds/{learned.key}/clocks/"

    def test_promised_and_learned_stand_side_by_side(
        self, address: str, client_for: Callable[..., Client], learned: Feed
    ) -> None:
        client = client_for("analyst")
        assert "usually 1 day from file to file" in client.get(address).content.decode()
        assert client.post(f"/feeds/{learned.key}/promise/", {"days": "7"}).status_code == 302
        page = client.get(address).content.decode()
        assert "every 7 days" in page
        assert "usually 1 day from file to file" in page

    def test_today_lists_late_and_silent_feeds(
        self, client_for: Callable[..., Client], monkeypatch: pytest.MonkeyPatch, feed: Feed
    ) -> None:
        deliver(feed, AT)
        client = client_for("analyst")
        for days, standing in [(1, None), (1.5, "late"), (3, "silent")]:
            monkeypatch.setattr(timezone, "now", lambda at=AT + days * DAY: at)
            panels = {str(panel.title): panel for panel in client.get("/").context["panels"]}
            shown = panels["Late and silent feeds"].context["clocks"] if standing else []
            assert [str(clock.standing) for clock in shown] == ([standing] if standing else [])
            assert ("Late and silent feeds" in panels) == bool(standing)

    def test_an_impossible_promise_is_refused(self, client_for: Callable[..., Client], learned: Feed) -> None:
        assert client_for("analyst").post(f"/feeds/{learned.key}/promise/", {"days": "0"}).status_code == 400

    def test_without_an_agreement_on_quality_it_says_why_delays_are_not_shown(
        self, address: str, client_for: Callable[..., Client], backbone: Organization
    ) -> None:
        page = client_for(person_with(role="analyst", organization=backbone)).get(address).content.decode()
        assert "no agreement covers the feed ems" in page

    def test_as_of_an_earlier_day_the_clock_is_that_of_the_day(self, address: str, learned: Feed) -> None:
        then: Clock = clock_of(learned, AT + 12.5 * DAY)
        assert (then.last_received_at, len(then.arrivals)) == (AT + 12 * DAY, 13)


def test_quality_agreements_open_the_delays(
    feed: Feed, backbone: Organization, client_for: Callable[..., Client]
) -> None:
    signed_agreement(feed, recipients=[backbone], purposes=["quality"], ends_on=None)
    page = client_for(person_with(role="analyst", organization=backbone)).get("/feeds/ems/clocks/")
    assert "No event has come yet." in page.content.decode()
    assert Entry.objects.filter(verb="read_feed", detail__purpose="quality").exists()
