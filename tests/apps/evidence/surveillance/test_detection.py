"""Watching: counts come only under agreements, findings become signals once, refusals are remembered."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest
from factories import make_organization, make_place, person_with, signed_agreement

from throughline.evidence.agreements.models import Agreement
from throughline.evidence.feeds.models import Feed
from throughline.evidence.feeds.receiving import receive_delivery
from throughline.evidence.surveillance import queries
from throughline.evidence.surveillance.actions import detect, detect_after_deliveries
from throughline.evidence.surveillance.models import DetectionRun
from throughline.evidence.surveillance.queries import NoSource, PlaceDays, daily_counts
from throughline.ledger.models import Entry
from throughline.members.organizations.models import Organization
from throughline.members.places.models import Place
from throughline.policy.sharing import Purpose, Refused
from throughline.signals.models import Signal

FIRST = date(2026, 1, 1)
LAST = date(2026, 3, 1)
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
Writer = Callable[..., Path]


def count(backbone: Organization, **question: object) -> PlaceDays:
    facts = {
        "indicator": "overdoses",
        "start": FIRST,
        "end": LAST,
        "purpose": Purpose.SURVEILLANCE,
        "reader": backbone,
        "by": "test",
        "at": AT,
    }
    return daily_counts(**facts | question)


def quiet_rows() -> list[str]:
    """In each ward one overdose every third day: nothing that stands out."""
    days = [FIRST + timedelta(days=n) for n in range(0, 59, 3)]
    return [f"{ward}-{day},{day} 10:00,{ward},lived" for ward in ("W1", "W2") for day in days]


def spike_rows(day: date = LAST, cases: int = 7) -> list[str]:
    return [f"s{n},{day} 12:{n:02d},W1,lived" for n in range(cases)]


@pytest.fixture
def receive(feed: Feed, csv_file: Writer) -> Callable[..., None]:
    def receive_rows(*rows: str, at: datetime = AT - timedelta(hours=1)) -> None:
        receive_delivery(feed=feed, path=csv_file(*rows), by="test", at=at)

    return receive_rows


class TestCounts:
    def test_every_finest_place_is_there(
        self, agreement: Agreement, receive: Callable, backbone: Organization
    ) -> None:
        receive("1,2026-02-03 10:00,W1,lived", "2,2026-02-03 23:30,W1,died", "3,2026-02-04 10:00,,lived")
        counted = count(backbone)
        assert counted.places == ("W1", "W2")
        assert counted.counts[:, 33].tolist() == [2, 0]
        assert counted.unplaced[34] == 1
        assert counted.total == 3

    def test_days_are_local(self, agreement: Agreement, receive: Callable, backbone: Organization) -> None:
        receive("1,2026-02-03 23:59,W1,lived")  # 4 February in UTC
        assert count(backbone, start=date(2026, 2, 3), end=date(2026, 2, 3)).total == 1

    def test_as_of_an_earlier_instant(
        self, agreement: Agreement, receive: Callable, backbone: Organization
    ) -> None:
        receive("1,2026-02-03 10:00,W1,lived", at=AT - timedelta(days=9))
        receive("1,2026-02-03 10:00,W2,lived", at=AT - timedelta(days=1))
        assert count(backbone, as_of=AT - timedelta(days=5)).counts.sum(axis=1).tolist() == [1, 0]
        assert count(backbone).counts.sum(axis=1).tolist() == [0, 1]

    def test_counts_asked_again_open_no_file_and_a_new_file_is_counted(
        self, agreement: Agreement, receive: Callable, backbone: Organization, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        opened = Mock(side_effect=queries.open_events)
        monkeypatch.setattr(queries, "open_events", opened)
        receive("1,2026-02-03 10:00,W1,lived")
        assert [count(backbone).total, count(backbone).total, opened.call_count] == [1, 1, 1]
        receive("2,2026-02-03 10:00,W1,lived")
        assert [count(backbone).total, opened.call_count] == [2, 2]

    def test_counts_asked_again_still_need_a_grant(
        self, agreement: Agreement, receive: Callable, backbone: Organization
    ) -> None:
        receive("1,2026-02-03 10:00,W1,lived")
        assert count(backbone).total == 1
        Agreement.objects.update(signed_at=None)
        with pytest.raises(Refused):
            count(backbone)

    def test_without_an_agreement_nothing_is_counted(
        self, feed: Feed, receive: Callable, backbone: Organization
    ) -> None:
        receive("1,2026-02-03 10:00,W1,lived")
        with pytest.raises(Refused, match="no agreement covers the feed ems"):
            count(backbone)
        assert Entry.objects.filter(verb="refuse_read").exists()

    def test_an_agreement_without_the_place_is_not_enough(self, feed: Feed, backbone: Organization) -> None:
        signed_agreement(feed, recipients=[backbone], fields=["occurred_at"])
        with pytest.raises(Refused, match="does not share place"):
            count(backbone)

    def test_where_only_some_records_are_shared_the_counts_say_so(
        self, feed: Feed, receive: Callable, backbone: Organization
    ) -> None:
        signed_agreement(feed, recipients=[backbone], rows={"place": ["W1"]})
        receive("1,2026-02-03 10:00,W1,lived", "2,2026-02-03 10:00,W2,lived")
        counted = count(backbone)
        assert counted.total == 1
        assert counted.refusals == (
            "Of the feed ems only some records are shared, and no others are counted (place: W1).",
        )

    def test_an_indicator_without_a_feed(self, backbone: Organization) -> None:
        with pytest.raises(NoSource):
            count(backbone)


class TestSpikes:
    def test_a_spike_becomes_a_signal_with_its_evidence(
        self, agreement: Agreement, receive: Callable, backbone: Organization
    ) -> None:
        receive(*quiet_rows(), *spike_rows())
        detect(on=LAST, by="test", at=AT)
        signal = Signal.objects.get(kind="spike")
        assert "7 overdoses in Ward 1 on March 1, 2026" in signal.sentence
        assert [place.code for place in signal.places.all()] == ["W1"]
        assert signal.title == "Ward 1: unusually many overdoses on March 1, 2026"
        assert signal.evidence["observed"] == 7
        assert signal.evidence["series"]["observed"][-1] == 7
        assert signal.evidence["series"]["threshold"][-1] <= 7
        assert signal.due_at == AT + timedelta(hours=4)

    def test_looking_twice_raises_it_once(
        self, agreement: Agreement, receive: Callable, backbone: Organization
    ) -> None:
        receive(*quiet_rows(), *spike_rows())
        detect(on=LAST, by="test", at=AT)
        detect(on=LAST, by="test", at=AT)
        assert Signal.objects.filter(kind="spike").count() == 1

    def test_the_next_day_of_the_same_spike_is_the_same_signal(
        self, agreement: Agreement, receive: Callable, backbone: Organization
    ) -> None:
        receive(
            *quiet_rows(),
            *spike_rows(LAST - timedelta(days=1)),
            *[f"t{n},{LAST} 9:00,W1,lived" for n in range(8)],
        )
        detect(on=LAST - timedelta(days=1), by="test", at=AT)
        detect(on=LAST, by="test", at=AT)
        assert Signal.objects.filter(kind="spike").count() == 1

    def test_each_day_since_a_day_is_looked_at_as_if_it_were_the_last(
        self, agreement: Agreement, receive: Callable, backbone: Organization
    ) -> None:
        past = LAST - timedelta(days=10)
        receive(*quiet_rows(), *spike_rows(past))
        detect(on=LAST, by="test", at=AT)
        assert not Signal.objects.exists()
        detect(on=LAST, since=past, by="test", at=AT)
        signal = Signal.objects.get(kind="spike")
        assert (signal.begins_on, signal.ends_on) == (past, past)
        assert signal.evidence["series"]["labels"][-1] == past.isoformat()

    def test_quiet_days_raise_nothing(
        self, agreement: Agreement, receive: Callable, backbone: Organization
    ) -> None:
        receive(*quiet_rows())
        runs = detect(on=LAST, by="test", at=AT)
        assert [run.findings for run in runs] == [0, 0]
        assert not Signal.objects.exists()

    def test_a_district_is_left_out_where_a_place_inside_explains_it(
        self, agreement: Agreement, receive: Callable, backbone: Organization
    ) -> None:
        city = make_place(code="C", name="City")
        district = make_place(code="D", name="District", parent=city)
        Place.objects.filter(code__in=["W1", "W2"]).update(parent=district)
        receive(*quiet_rows(), *spike_rows())
        detect(on=LAST, by="test", at=AT)
        assert "Ward 1" in Signal.objects.get(kind="spike").title

    def test_a_district_rises_where_none_of_its_places_does(
        self, agreement: Agreement, receive: Callable, backbone: Organization
    ) -> None:
        city = make_place(code="C", name="City")
        district = make_place(code="D", name="District", parent=city)
        Place.objects.filter(code__in=["W1", "W2"]).update(parent=district)
        both = [f"{ward}x{n},{LAST} 9:0{n},{ward},lived" for ward in ("W1", "W2") for n in range(2)]
        receive(*[row for row in quiet_rows() if "-02-28" not in row], *both)
        detect(on=LAST, by="test", at=AT)
        assert [signal.title for signal in Signal.objects.filter(kind="spike")] == [
            "District: unusually many overdoses on March 1, 2026"
        ]


class TestHistory:
    def test_silence_before_the_first_file_is_no_baseline(
        self, agreement: Agreement, receive: Callable, backbone: Organization
    ) -> None:
        """Three cases on a feed's fifth day: with a year of zeros before it, each would look like a spike."""
        receive(*spike_rows(LAST - timedelta(days=4), 3), *[f"t{n},{LAST} 9:0{n},W1,lived" for n in range(3)])
        detect(on=LAST, by="test", at=AT)
        assert not Signal.objects.exists()


class TestHotspots:
    def test_a_cluster_of_places_and_days_becomes_a_signal(
        self, agreement: Agreement, receive: Callable, backbone: Organization
    ) -> None:
        for n in range(6):
            make_place(code=f"X{n}", name=f"X{n}", latitude=41 + n / 10, longitude=-75.0)
        days = [FIRST + timedelta(days=n) for n in range(59)]
        background = [f"{n}-{day},{day} 10:00,X{n},lived" for day in days[::2] for n in range(6)]
        cluster = [f"{w}c{day},{day} 11:00,{w},lived" for day in days[-6:] for w in ("W1", "W2")]
        receive(*background, *cluster)
        detect(on=date(2026, 2, 28), by="test", at=AT)
        signal = Signal.objects.get(kind="hotspot")
        assert {place.code for place in signal.places.all()} == {"W1", "W2"}
        assert (signal.begins_on, signal.ends_on) == (date(2026, 2, 23), date(2026, 2, 28))
        assert signal.evidence["recurrence_interval_days"] >= 365
        assert "a chance rarer than once in 2.7 years" in signal.sentence


class TestRuns:
    def test_a_refusal_is_a_run_that_says_why(
        self, feed: Feed, receive: Callable, backbone: Organization
    ) -> None:
        receive("1,2026-02-03 10:00,W1,lived")
        detect(on=LAST, by="test", at=AT)
        assert all("no agreement covers" in run.refusals[0] for run in DetectionRun.objects.all())

    def test_files_are_looked_at_once_they_come(
        self, agreement: Agreement, receive: Callable, backbone: Organization
    ) -> None:
        assert not detect_after_deliveries(by="test", at=AT)
        receive(*quiet_rows(), *spike_rows())
        assert {run.on for run in detect_after_deliveries(by="test", at=AT)} == {LAST}
        assert not detect_after_deliveries(by="test", at=AT + timedelta(minutes=1))
        assert Signal.objects.filter(kind="spike").count() == 1

    def test_a_file_handed_over_before_a_look_and_taken_in_after_it_is_still_news(
        self, agreement: Agreement, receive: Callable, backbone: Organization
    ) -> None:
        receive(*quiet_rows())
        detect_after_deliveries(by="test", at=AT)
        receive(*spike_rows(), at=AT - timedelta(minutes=1))
        assert detect_after_deliveries(by="test", at=AT + timedelta(minutes=1))
        assert Signal.objects.filter(kind="spike").exists()

    def test_a_look_that_somebody_asked_for_hides_no_news(
        self, agreement: Agreement, receive: Callable, backbone: Organization
    ) -> None:
        receive(*quiet_rows(), *spike_rows())
        detect(on=LAST - timedelta(days=20), by="test", at=AT)
        assert {run.on for run in detect_after_deliveries(by="test", at=AT)} == {LAST}

    def test_a_refused_look_is_not_taken_again_and_again(
        self, feed: Feed, receive: Callable, backbone: Organization
    ) -> None:
        receive("1,2026-02-03 10:00,W1,lived")
        assert detect_after_deliveries(by="test", at=AT)
        assert not detect_after_deliveries(by="test", at=AT + timedelta(minutes=1))

    def test_a_spike_that_is_reported_days_later_still_raises_its_signal(
        self, agreement: Agreement, receive: Callable, backbone: Organization
    ) -> None:
        receive(*quiet_rows())
        detect_after_deliveries(by="test", at=AT)
        receive(*spike_rows(LAST - timedelta(days=9)), at=AT + timedelta(hours=1))
        detect_after_deliveries(by="test", at=AT + timedelta(hours=2))
        assert Signal.objects.get(kind="spike").begins_on == LAST - timedelta(days=9)

    def test_the_page_starts_a_look(
        self, agreement: Agreement, receive: Callable, backbone: Organization, client_for: Callable
    ) -> None:
        receive(*quiet_rows(), *spike_rows())
        client = client_for(person_with(role="analyst", organization=backbone))
        client.post("/detection/", {"on": LAST.isoformat()})
        assert "Daily spikes" in client.get("/detection/").content.decode()
        assert client_for("member").get("/detection/").status_code == 403

    def test_without_a_backbone_nobody_may_read(self, feed: Feed, receive: Callable) -> None:
        signed_agreement(feed, recipients=[make_organization()])
        receive("1,2026-02-03 10:00,W1,lived")
        (run, _other) = detect(on=LAST, by="test", at=AT)
        assert run.refusals
