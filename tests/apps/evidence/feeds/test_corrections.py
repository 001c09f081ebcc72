"""Records that are amended, merged, taken back, and deliveries that are withdrawn: the view changes, history stays."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from apps.evidence.conftest import AT, MAPPING
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from factories import make_person, make_signal

from throughline.evidence.agreements.models import Agreement
from throughline.evidence.feeds import receiving
from throughline.evidence.feeds.actions import add_feed, save_mapping
from throughline.evidence.feeds.models import Delivery, Feed
from throughline.evidence.feeds.queries import committed_deliveries, warehouse
from throughline.evidence.feeds.receiving import receive_delivery
from throughline.evidence.feeds.rereading import replay_quarantine
from throughline.evidence.feeds.taking_in import one_at_a_time
from throughline.evidence.feeds.withdrawals.actions import reread_next, withdraw_delivery
from throughline.evidence.surveillance.queries import daily_counts
from throughline.formats import tabular
from throughline.formats.amendment import Amendment
from throughline.formats.event import Event
from throughline.formats.faults import Reason, Rejected
from throughline.ledger.models import Entry
from throughline.members.organizations.models import Organization
from throughline.policy.sharing import Purpose

Writer = Callable[..., Path]
DAY = timedelta(days=1)


def receive(feed: Feed, path: Path, at: datetime = AT) -> Delivery:
    return receive_delivery(feed=feed, path=path, by="test", at=at)[0]


def withdraw(delivery: Delivery, at: datetime) -> None:
    withdraw_delivery(delivery=delivery, reason="Sent by mistake.", by=make_person(), at=at)


def reread_all(at: datetime) -> list[Delivery]:
    return list(iter(lambda: reread_next(at=at), None))


def outcomes(feed: Feed, as_of: datetime | None = None) -> dict[str, str]:
    """What counts at that instant: each record's outcome."""
    names = committed_deliveries(feed, as_of=as_of)
    events = warehouse().latest_events(feed.key, names, [str(number) for number in range(10)])
    return {key: event.outcome for key, event in sorted(events.items()) if not event.deleted}


@pytest.fixture
def taking_back(feed: Feed) -> Feed:
    """Records carry a status that can say that they were entered in error."""
    codes = {"entered in error": "yes", "final": "no", "amended": "no"}
    rule = {"deleted": {"columns": ["status"], "codes": codes}}
    save_mapping(feed=feed, definition=MAPPING | rule, by="test", at=AT)
    return feed


@pytest.fixture
def status_file(tmp_path: Path) -> Writer:
    def write(*rows: str) -> Path:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.csv"
        path.write_text("number,when,ward,result,status\n" + "".join(f"{row}\n" for row in rows))
        return path

    return write


class TestRecordsTakenBack:
    def test_they_stop_counting_and_stay_in_history(self, taking_back: Feed, status_file: Writer) -> None:
        first = status_file("1,2026-03-01 10:00,W1,lived,final", "2,2026-03-01 11:00,W1,lived,final")
        receive(taking_back, first)
        receipt = receive(taking_back, status_file("1,2026-03-01 10:00,W1,lived,entered in error"), AT + DAY)
        assert (receipt.accepted, receipt.revisions, receipt.deleted) == (1, 1, 1)
        assert outcomes(taking_back) == {"2": "nonfatal"}
        assert outcomes(taking_back, as_of=AT) == {"1": "nonfatal", "2": "nonfatal"}

    def test_a_later_record_brings_them_back(self, taking_back: Feed, status_file: Writer) -> None:
        row = "1,2026-03-01 10:00,W1,lived"
        for day, status in enumerate(("final", "entered in error", "final")):
            receive(taking_back, status_file(f"{row},{status}", *["" for _n in range(day)]), AT + day * DAY)
        assert outcomes(taking_back) == {"1": "nonfatal"}
        assert outcomes(taking_back, as_of=AT + DAY) == {}

    def test_the_receipt_says_so(
        self, taking_back: Feed, status_file: Writer, client_for: Callable[..., Client]
    ) -> None:
        receipt = receive(taking_back, status_file("1,2026-03-01 10:00,W1,lived,entered in error"))
        page = client_for("analyst").get(f"/feeds/deliveries/{receipt.pk}/").content.decode()
        assert "1 of the accepted rows takes a record back" in page

    def test_an_amended_ems_record_replaces_the_earlier_one(
        self, taking_back: Feed, status_file: Writer
    ) -> None:
        receive(taking_back, status_file("1,2026-03-01 10:00,W1,lived,final"))
        receive(taking_back, status_file("1,2026-03-01 10:00,W1,died,amended"), AT + DAY)
        assert outcomes(taking_back) == {"1": "fatal"}
        assert outcomes(taking_back, as_of=AT) == {"1": "nonfatal"}

    def test_a_pending_death_that_is_closed(self, ems: Any, tmp_path: Path) -> None:
        deaths = add_feed(key="deaths", name="Deaths", provider=ems, by="test", at=AT)
        mapping = {
            "record_id": {"columns": ["certificate"]},
            "occurred_at": {"columns": ["died_on"], "precision": "day", "time_zone": "America/New_York"},
            "outcome": {"constant": "fatal"},
            "manner": {"columns": ["manner"], "codes": {"P": "pending", "A": "accident"}},
            "codes": [{"columns": ["underlying"], "name": "underlying_cause"}],
        }
        save_mapping(feed=deaths, definition=mapping, by="test", at=AT)
        for day, row in enumerate(("7,2026-02-20,P,R99", "7,2026-02-20,A,X42")):
            path = tmp_path / f"deaths-{day}.csv"
            path.write_text(f"certificate,died_on,manner,underlying\n{row}\n")
            receive(deaths, path, AT + day * DAY)

        def told(as_of: datetime) -> tuple[str, tuple[str, ...]]:
            names = committed_deliveries(deaths, as_of=as_of)
            event = warehouse().latest_events("deaths", names, ["7"])["7"]
            return event.manner, event.codes

        assert told(AT) == ("pending", ("underlying_cause=R99",))
        assert told(AT + DAY) == ("accident", ("underlying_cause=X42",))


class TestRecordsThatAddUp:
    """A format whose messages add to each other says how, as `MERGE`."""

    @pytest.fixture(autouse=True)
    def merging(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def merge(earlier: Event, later: Event) -> Event:
            outcome = earlier.outcome if later.outcome == "unknown" else later.outcome
            placed = later if later.place else earlier
            return replace(later, outcome=outcome, place=placed.place, place_method=placed.place_method)

        monkeypatch.setattr(tabular, "MERGE", merge, raising=False)

    def test_across_files(self, feed: Feed, csv_file: Writer) -> None:
        receive(feed, csv_file("1,2026-03-01 10:00,W1,", name="a.csv"))
        receipt = receive(feed, csv_file("1,2026-03-01 10:00,,died", name="b.csv"), AT + DAY)
        assert (receipt.revisions, receipt.unplaced) == (1, 0)
        assert outcomes(feed) == {"1": "fatal"}

    def test_within_a_file_however_far_apart(self, feed: Feed, csv_file: Writer) -> None:
        between = [f"{number},2026-03-01 10:00,W1,lived" for number in range(10, 2500)]
        receive(feed, csv_file("1,2026-03-01 10:00,W1,died", *between, "1,2026-03-01 10:00,W2,"))
        assert outcomes(feed) == {"1": "fatal"}

    def test_what_adds_nothing_is_a_duplicate(self, feed: Feed, csv_file: Writer) -> None:
        receive(feed, csv_file("1,2026-03-01 10:00,W1,died", name="a.csv"))
        receipt = receive(feed, csv_file("1,2026-03-01 10:00,,", name="b.csv"), AT + DAY)
        assert (receipt.accepted, receipt.duplicates) == (0, 1)

    def test_a_withdrawal_takes_out_what_it_added(
        self, feed: Feed, csv_file: Writer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tabular, "MAPPING", {})  # as of a standard: later files are read again
        wrong = receive(feed, csv_file("1,2026-03-01 10:00,W1,died", name="a.csv"))
        receive(feed, csv_file("1,2026-03-01 10:00,W2,", name="b.csv"), AT + DAY)
        assert outcomes(feed) == {"1": "fatal"}
        withdraw(wrong, AT + 2 * DAY)
        reread_all(AT + 2 * DAY)
        assert outcomes(feed) == {"1": "unknown"}


class TestRowsThatAmend:
    """Such as codes of deaths that come after the certificates: rows that are no records of their own."""

    @pytest.fixture(autouse=True)
    def amending(self, feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
        read = tabular.read

        def amended(*arguments: Any, **options: Any) -> Iterator[Event | Rejected]:
            for outcome in read(*arguments, **options):
                is_coding = isinstance(outcome, Event) and outcome.place is None
                yield _amendment(outcome) if is_coding else outcome

        monkeypatch.setattr(tabular, "read", amended)
        monkeypatch.setattr(tabular, "MERGE", lambda _earlier, later: later, raising=False)
        monkeypatch.setattr(tabular, "MAPPING", {})  # as of a standard: later files are read again

    def codes(self, feed: Feed) -> list[tuple[str, ...]]:
        events = warehouse().latest_events(feed.key, committed_deliveries(feed), ["1"])
        return [event.codes for event in events.values() if not event.deleted]

    def test_they_complete_a_record_of_an_earlier_file(self, feed: Feed, csv_file: Writer) -> None:
        coding = csv_file("1,2026-03-01 10:00,,lived", name="coding.csv")
        before = receive(feed, coding)
        assert (before.quarantined, before.reasons[0]["reason"]) == (
            1,
            "the record that it adds to is not known",
        )
        certificate = receive(feed, csv_file("1,2026-03-01 10:00,W1,died"), AT + DAY)
        assert self.codes(feed) == [("underlying_cause=X42",)], "what waited is taken in with it"
        waited = feed.deliveries.get(door="waited")
        assert (waited.replay_of, waited.waited_for, waited.revisions) == (before, certificate, 1)
        assert outcomes(feed, as_of=AT) == {}
        withdraw(certificate, AT + 2 * DAY)
        reread_all(AT + 2 * DAY)
        assert self.codes(feed) == [], "without the record there is nothing to amend"
        receive(feed, csv_file("1,2026-03-01 10:00,W1,died", name="again.csv"), AT + 3 * DAY)
        assert self.codes(feed) == [("underlying_cause=X42",)]

    def test_what_waited_is_taken_in_once(self, feed: Feed, csv_file: Writer) -> None:
        receive(feed, csv_file("1,2026-03-01 10:00,,lived", name="coding.csv"))
        receive(feed, csv_file("2,2026-03-01 10:00,W1,died", name="other.csv"), AT + DAY)
        assert not feed.deliveries.filter(door="waited").exists()
        for day, result in enumerate(("died", "lived")):
            receive(feed, csv_file(f"1,2026-03-01 10:00,W1,{result}"), AT + (2 + day) * DAY)
        assert feed.deliveries.filter(door="waited").count() == 1
        assert self.codes(feed) == [()], "the later certificate replaced what was known"

    def test_a_crash_before_what_waited_is_mended_when_the_file_comes_again(
        self, feed: Feed, csv_file: Writer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        receive(feed, csv_file("1,2026-03-01 10:00,,lived", name="coding.csv"))
        path = csv_file("1,2026-03-01 10:00,W1,died")
        with monkeypatch.context() as patch:
            patch.setattr(receiving, "complete_with_what_waited", _power_cut)
            with pytest.raises(KeyboardInterrupt):
                receive(feed, path, AT + DAY)
        assert self.codes(feed) == [()]
        receive(feed, path, AT + DAY)  # as the inbox does, whose file is still there
        assert self.codes(feed) == [("underlying_cause=X42",)]

    def test_codes_taken_in_are_taken_back_with_the_record(self, feed: Feed, csv_file: Writer) -> None:
        certificate = receive(feed, csv_file("1,2026-03-01 10:00,W1,died"))
        receive(feed, csv_file("1,2026-03-01 10:00,,lived", name="coding.csv"), AT + DAY)
        assert self.codes(feed) == [("underlying_cause=X42",)]
        withdraw(certificate, AT + 2 * DAY)
        reread_all(AT + 2 * DAY)
        assert self.codes(feed) == []


def _power_cut(*_arguments: Any, **_options: Any) -> None:
    raise KeyboardInterrupt


def _amendment(event: Event) -> Amendment:
    adds = replace(event, codes=("underlying_cause=X42",))
    return Amendment(event.row, "number", event.record_id, Reason.NO_RECORD, "a known record", {}, adds)


class TestWithdrawing:
    def test_its_events_stop_counting_from_then_on(self, feed: Feed, csv_file: Writer) -> None:
        wrong = receive(feed, csv_file("1,2026-03-01 10:00,W1,lived"))
        withdraw(wrong, AT + DAY)
        assert outcomes(feed) == {}
        assert outcomes(feed, as_of=AT + DAY - timedelta(seconds=1)) == {"1": "nonfatal"}
        assert Entry.objects.get(verb="withdraw_delivery").detail["reason"] == "Sent by mistake."

    def test_counts_read_with_a_grant_follow(
        self, feed: Feed, agreement: Agreement, csv_file: Writer
    ) -> None:
        wrong = receive(feed, csv_file("1,2026-03-01 10:00,W1,lived"))
        assert counted(feed) == 1
        withdraw(wrong, AT + DAY)
        assert (counted(feed), counted(feed, as_of=AT)) == (0, 1)

    def test_what_it_had_corrected_reads_as_before(self, feed: Feed, csv_file: Writer) -> None:
        receive(feed, csv_file("1,2026-03-01 10:00,W1,lived", name="a.csv"))
        wrong = receive(feed, csv_file("1,2026-03-01 10:00,W1,died", name="b.csv"), AT + DAY)
        withdraw(wrong, AT + 2 * DAY)
        assert outcomes(feed) == {"1": "nonfatal"}

    def test_what_a_later_file_repeated_counts_from_that_file(self, feed: Feed, csv_file: Writer) -> None:
        wrong = receive(feed, csv_file("1,2026-03-01 10:00,W1,lived", name="a.csv"))
        rows = "1,2026-03-01 10:00,W1,lived", "2,2026-03-01 11:00,W1,lived", "3,2026-03-01 11:00,W9,lived"
        later = receive(feed, csv_file(*rows, name="b.csv"), AT + DAY)
        assert (later.duplicates, later.quarantined) == (1, 1)
        withdraw(wrong, AT + 2 * DAY)
        (reread,) = reread_all(AT + 2 * DAY)
        assert (reread.rows, reread.accepted, reread.duplicates, reread.quarantined) == (2, 1, 1, 0)
        assert (reread.replay_of, reread.door, reread.received_at) == (later, "reread", later.received_at)
        assert outcomes(feed) == {"1": "nonfatal", "2": "nonfatal"}

    def test_a_correction_that_came_since_still_counts(self, feed: Feed, csv_file: Writer) -> None:
        lived, died = "1,2026-03-01 10:00,W1,lived", "1,2026-03-01 10:00,W1,died"
        wrong = receive(feed, csv_file(lived, name="a.csv"))
        receive(feed, csv_file(lived, "2,2026-03-01 10:00,W1,lived", name="b.csv"), AT + DAY)
        receive(feed, csv_file(died, name="c.csv"), AT + 2 * DAY)
        withdraw(wrong, AT + 3 * DAY)
        reread_all(AT + 3 * DAY)
        assert outcomes(feed) == {"1": "fatal", "2": "nonfatal"}

    def test_a_rereading_that_was_cut_off_before_its_end_adds_nothing_twice(
        self, feed: Feed, csv_file: Writer
    ) -> None:
        wrong = receive(feed, csv_file("1,2026-03-01 10:00,W1,lived", name="a.csv"))
        rows = "1,2026-03-01 10:00,W1,lived", "2,2026-03-01 11:00,W1,lived"
        later = receive(feed, csv_file(*rows, name="b.csv"), AT + DAY)
        withdraw(wrong, AT + 2 * DAY)
        reread_all(AT + 2 * DAY)
        Delivery.objects.filter(pk=later.pk).update(reread_due=True)  # its last step was never taken
        (again,) = reread_all(AT + 2 * DAY)
        assert (again.accepted, again.duplicates) == (0, 2)
        assert outcomes(feed) == {"1": "nonfatal", "2": "nonfatal"}

    def test_not_while_a_file_of_the_feed_is_read(self, feed: Feed, csv_file: Writer) -> None:
        receipt = receive(feed, csv_file("1,2026-03-01 10:00,W1,lived"))
        with one_at_a_time(feed), pytest.raises(ValidationError, match="Try again in a minute"):
            withdraw(receipt, AT)

    def test_its_replays_and_rereadings_go_with_it(self, feed: Feed, csv_file: Writer) -> None:
        wrong = receive(feed, csv_file("1,2026-03-01 10:00,W1,survived"))
        definition = json.loads(json.dumps(MAPPING))
        definition["outcome"]["codes"]["survived"] = "nonfatal"
        save_mapping(feed=feed, definition=definition, by="test", at=AT)
        replay_quarantine(delivery=wrong, by=make_person(), at=AT + DAY)
        withdraw(wrong, AT + 2 * DAY)
        assert outcomes(feed) == {}
        assert not feed.deliveries.standing().exists()
        with pytest.raises(ValidationError, match="was withdrawn"):
            replay_quarantine(delivery=Delivery.objects.get(pk=wrong.pk), by=make_person(), at=AT + 3 * DAY)

    def test_the_same_file_can_be_received_again(self, feed: Feed, csv_file: Writer) -> None:
        path = csv_file("1,2026-03-01 10:00,W1,lived")
        withdraw(receive(feed, path), AT + DAY)
        again = receive(feed, path, AT + 2 * DAY)
        assert (again.accepted, again.duplicates) == (1, 0)
        assert outcomes(feed) == {"1": "nonfatal"}
        assert warehouse().original(feed.key, str(again.pk)).read_text() == path.read_text()

    def test_whatever_is_withdrawn_only_what_other_files_say_is_left(
        self, feed: Feed, csv_file: Writer
    ) -> None:
        """Every one of four overlapping files taken out must leave what the other three alone would say."""
        files = [
            csv_file(*(f"{row},2026-03-01 10:00,W1,{word}" for row, word in said.items()), name=f"{n}.csv")
            for n, said in enumerate(
                [
                    {1: "lived", 2: "lived"},
                    {1: "lived", 2: "died", 3: "lived"},
                    {2: "died", 3: "lived", 4: "lived"},
                    {1: "died", 4: "lived"},
                ]
            )
        ]
        for gone in range(4):
            Delivery.objects.update(reread_due=False)
            for standing in feed.deliveries.standing().filter(replay_of=None):
                withdraw(standing, AT)
            receipts = [receive(feed, path, AT + n * DAY) for n, path in enumerate(files)]
            withdraw(receipts[gone], AT + 5 * DAY)
            reread_all(AT + 5 * DAY)
            assert outcomes(feed) == _said_by([path for n, path in enumerate(files) if n != gone])

    def test_it_takes_a_reason_and_happens_once(self, feed: Feed, csv_file: Writer) -> None:
        receipt = receive(feed, csv_file("1,2026-03-01 10:00,W1,lived"))
        with pytest.raises(ValidationError, match="Say why"):
            withdraw_delivery(delivery=receipt, reason=" ", by=make_person(), at=AT)
        withdraw(receipt, AT)
        with pytest.raises(ValidationError, match="withdrawn already"):
            withdraw(receipt, AT)

    def test_on_its_page(self, feed: Feed, csv_file: Writer, client_for: Callable[..., Client]) -> None:
        receipt = receive(feed, csv_file("1,2026-03-01 10:00,W1,lived"))
        address, analyst = f"/feeds/deliveries/{receipt.pk}/", client_for("analyst")
        assert "Withdraw this delivery" in analyst.get(address).content.decode()
        unconfirmed = analyst.post(f"{address}withdraw/", {"reason": "Test data."})
        assert unconfirmed.status_code == 200
        done = analyst.post(
            f"{address}withdraw/", {"reason": "Test data.", "confirmed": "on"}, follow=True
        ).content.decode()
        assert "Test data." in done
        assert "Withdraw this delivery" not in done
        assert client_for("data_steward").get(f"{address}withdraw/").status_code == 403


def _said_by(files: list[Path]) -> dict[str, str]:
    """Read one after the other by hand: the last word on each record."""
    rows = [row.split(",") for path in files for row in path.read_text().splitlines()[1:]]
    words = {"lived": "nonfatal", "died": "fatal"}
    return {number: words[result] for number, _when, _ward, result in rows}


def counted(feed: Feed, as_of: datetime | None = None) -> int:
    found = daily_counts(
        indicator="overdoses",
        start=date(2026, 2, 27),
        end=date(2026, 3, 2),
        purpose=Purpose.SURVEILLANCE,
        reader=Organization.objects.get(is_backbone=True),
        by="test",
        at=AT,
        as_of=as_of,
    )
    return int(found.counts.sum())


def test_event_files_of_earlier_versions_are_read(feed: Feed, csv_file: Writer) -> None:
    """They lack the columns that came since: codes, texts, measure, quantity, deleted."""
    receipt = receive(feed, csv_file("1,2026-03-01 10:00,W1,lived"))
    path = warehouse().event_file(feed.key, str(receipt.pk))
    since = ["codes", "texts", "measure", "quantity", "deleted"]
    pq.write_table(pq.read_table(path).drop_columns(since), path)
    later = receive(feed, csv_file("1,2026-03-01 10:00,W1,lived", "2,2026-03-01 11:00,W1,died", name="b.csv"))
    assert (later.accepted, later.duplicates) == (1, 1)
    assert outcomes(feed) == {"1": "nonfatal", "2": "fatal"}
    (event,) = warehouse().latest_events(feed.key, [str(receipt.pk)], ["1"]).values()
    assert (event.measure, event.quantity, event.codes, event.deleted) == ("overdose", 1, (), False)


class TestASignalThatRestsOnIt:
    def test_says_so_on_its_page(
        self, feed: Feed, csv_file: Writer, client_for: Callable[..., Client]
    ) -> None:
        day = date(2026, 3, 1)
        wrong = receive(feed, csv_file("1,2026-03-01 10:00,W1,lived", name="a.csv"))
        other = receive(feed, csv_file("2,2026-02-01 10:00,W1,lived", name="b.csv"))
        evidence = {"feeds": ["ems"], "as_of": (AT + DAY).isoformat()}
        signal = make_signal(evidence=evidence, begins_on=day, ends_on=day, raised_at=AT + DAY)
        analyst = client_for("analyst")
        withdraw(other, AT + 2 * DAY)
        address = reverse("signal", args=[signal.pk])
        assert "Withdrawn since" not in analyst.get(address).content.decode()
        withdraw(wrong, AT + 2 * DAY)
        page = analyst.get(address).content.decode()
        assert "Withdrawn since" in page
        assert "Sent by mistake." in page
        assert "a.csv" in page


def test_of_two_files_handed_over_at_once_the_second_corrects_the_first(feed: Feed, csv_file: Writer) -> None:
    """As from the command line, whatever the rows' numbers are."""
    receive(feed, csv_file("2,2026-03-01 10:00,W1,lived", "1,2026-03-01 10:00,W1,lived", name="a.csv"))
    receive(feed, csv_file("1,2026-03-01 10:00,W1,died", name="b.csv"))
    assert outcomes(feed) == {"1": "fatal", "2": "nonfatal"}


def test_a_row_that_is_mended_hides_no_later_row_of_its_file(feed: Feed, csv_file: Writer) -> None:
    wrong = receive(feed, csv_file("1,2026-03-01 10:00,W1,dyed", "1,2026-03-01 10:00,W1,lived"))
    codes = {"died": "fatal", "dyed": "fatal", "lived": "nonfatal"}
    mended = MAPPING | {"outcome": {"columns": ["result"], "codes": codes}}
    save_mapping(feed=feed, definition=mended, by="test", at=AT)
    replayed = replay_quarantine(delivery=wrong, by=make_person(), at=AT + DAY)
    assert replayed.accepted == 1
    assert outcomes(feed) == {"1": "nonfatal"}
