"""Rows that are mended later count as if they had been read when their file came, also where rows add up."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from apps.evidence.conftest import AT, MAPPING
from factories import make_person

from throughline.evidence.feeds.actions import save_mapping
from throughline.evidence.feeds.models import Delivery, Feed
from throughline.evidence.feeds.queries import committed_deliveries, warehouse
from throughline.evidence.feeds.receiving import receive_delivery
from throughline.evidence.feeds.rereading import replay_quarantine
from throughline.evidence.feeds.withdrawals.actions import reread_next, withdraw_delivery
from throughline.formats import tabular
from throughline.formats.event import Event

Writer = Callable[..., Path]
DAY = timedelta(days=1)
CODES = {"died": "fatal", "lived": "nonfatal", "passed": "fatal"}
MENDED = MAPPING | {"outcome": {"columns": ["result"], "codes": CODES}}


def receive(feed: Feed, path: Path, at: Any = AT) -> Delivery:
    return receive_delivery(feed=feed, path=path, by="test", at=at)[0]


def mend(feed: Feed, delivery: Delivery, at: Any = AT + 5 * DAY) -> Delivery:
    save_mapping(feed=feed, definition=MENDED, by="test", at=at)
    replayed = replay_quarantine(delivery=delivery, by=make_person(), at=at)
    reread_all(at)
    return replayed


def reread_all(at: Any) -> None:
    while reread_next(at=at):
        pass


def withdraw(delivery: Delivery, at: Any) -> None:
    withdraw_delivery(delivery=delivery, reason="Wrong.", by=make_person(), at=at)
    reread_all(at)


def known(feed: Feed, as_of: Any = None) -> tuple[str, str | None]:
    names = committed_deliveries(feed, as_of=as_of)
    event = warehouse().latest_events(feed.key, names, ["1"])["1"]
    return event.outcome, event.place


class TestWhereRowsAddUp:
    """What a row leaves open, stays as an earlier one said."""

    @pytest.fixture(autouse=True)
    def adding(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def merge(earlier: Event, later: Event) -> Event:
            outcome = earlier.outcome if later.outcome == "unknown" else later.outcome
            placed = later if later.place else earlier
            return replace(later, outcome=outcome, place=placed.place, place_method=placed.place_method)

        monkeypatch.setattr(tabular, "MERGE", merge, raising=False)

    def test_what_it_tells_is_known_of_later_files(self, feed: Feed, csv_file: Writer) -> None:
        wrong = receive(feed, csv_file("1,2026-03-01 10:00,W2,passed", name="a.csv"))
        receive(feed, csv_file("1,2026-03-01 10:00,W1,", name="b.csv"), AT + DAY)
        assert known(feed) == ("unknown", "W1")
        mend(feed, wrong)
        assert known(feed) == ("fatal", "W1")
        assert known(feed, as_of=AT + DAY) == ("unknown", "W1"), "history is kept"

    def test_a_lost_file_does_not_keep_the_next_from_coming(self, feed: Feed, csv_file: Writer) -> None:
        wrong = receive(feed, csv_file("1,2026-03-01 10:00,W2,died", name="a.csv"))
        lost = receive(feed, csv_file("1,2026-03-01 10:00,W1,", name="b.csv"), AT + DAY)
        warehouse().original(feed.key, str(lost.pk)).unlink()
        withdraw_delivery(delivery=wrong, reason="Wrong.", by=make_person(), at=AT + 2 * DAY)
        receive(feed, csv_file("1,2026-03-01 10:00,,lived", name="c.csv"), AT + 3 * DAY)
        assert list(feed.deliveries.unreadable()) == [lost]
        assert known(feed) == ("nonfatal", "W1")

    def test_and_of_later_rows_of_its_file(self, feed: Feed, csv_file: Writer) -> None:
        rows = "1,2026-03-01 10:00,W2,passed", "1,2026-03-01 10:00,W1,"
        mend(feed, receive(feed, csv_file(*rows)))
        assert known(feed) == ("fatal", "W1")

    def test_a_later_word_still_counts(self, feed: Feed, csv_file: Writer) -> None:
        wrong = receive(feed, csv_file("1,2026-03-01 10:00,W2,passed", name="a.csv"))
        receive(feed, csv_file("1,2026-03-01 10:00,,lived", name="b.csv"), AT + DAY)
        mend(feed, wrong)
        assert known(feed) == ("nonfatal", "W2")

    def test_it_is_as_if_the_mapping_had_been_right(self, feed: Feed, csv_file: Writer) -> None:
        rows = ["W1,passed", ",lived", "W2,", ",passed", ",", "W1,"]
        paths = [
            csv_file(
                *(f"{record},2026-03-01 10:00,{row}" for record in (1, 2) for row in rows[n : n + 3]),
                name=f"{n}.csv",
            )
            for n in range(4)
        ]
        receipts = [receive(feed, path, AT + n * DAY) for n, path in enumerate(paths)]
        for receipt in reversed([receipt for receipt in receipts if receipt.quarantined]):
            mend(feed, receipt)
        mended = told(feed)
        for receipt in feed.deliveries.standing().filter(replay_of=None):
            withdraw(receipt, AT + 6 * DAY)
        for n, path in enumerate(paths):
            receive(feed, path, AT + n * DAY + timedelta(hours=1))
        assert mended == told(feed)

    def test_a_replay_stays_where_an_earlier_file_is_withdrawn(self, feed: Feed, csv_file: Writer) -> None:
        first = receive(feed, csv_file("1,2026-03-01 10:00,W2,lived", name="0.csv"))
        rows = "1,2026-03-01 10:00,,passed", "1,2026-03-01 10:00,,"
        mend(feed, receive(feed, csv_file(*rows, name="a.csv"), AT + DAY))
        assert known(feed) == ("fatal", "W2")
        withdraw(first, AT + 6 * DAY)
        assert known(feed) == ("fatal", None)

    def test_a_file_that_is_received_late_counts_in_its_turn(self, feed: Feed, csv_file: Writer) -> None:
        """As one that was refused at first, or that another worker overtook."""
        receive(feed, csv_file("1,2026-03-01 10:00,W1,", name="b.csv"), AT + DAY)
        receive(feed, csv_file("1,2026-03-01 10:00,W2,died", name="a.csv"), AT)
        reread_all(AT)  # whatever the clock says
        assert known(feed) == ("fatal", "W1")

    def test_withdrawing_the_replay_leaves_what_its_file_told_before(
        self, feed: Feed, csv_file: Writer
    ) -> None:
        wrong = receive(feed, csv_file("1,2026-03-01 10:00,W2,passed", name="a.csv"))
        receive(feed, csv_file("1,2026-03-01 10:00,W1,", name="b.csv"), AT + DAY)
        withdraw(mend(feed, wrong), AT + 6 * DAY)
        assert known(feed) == ("unknown", "W1")


def told(feed: Feed) -> dict[str, tuple[str, str | None]]:
    events = warehouse().latest_events(feed.key, committed_deliveries(feed), ["1", "2"])
    return {key: (event.outcome, event.place) for key, event in events.items()}


def test_a_mended_row_outlives_a_later_file_that_said_the_same(feed: Feed, csv_file: Writer) -> None:
    wrong = receive(feed, csv_file("1,2026-03-01 10:00,W1,passed", name="a.csv"))
    later = receive(feed, csv_file("1,2026-03-01 10:00,W1,died", name="b.csv"), AT + DAY)
    mend(feed, wrong)
    withdraw(later, AT + 6 * DAY)
    assert known(feed) == ("fatal", "W1")


def test_a_row_received_late_outlives_a_later_file_that_said_the_same(feed: Feed, csv_file: Writer) -> None:
    later = receive(feed, csv_file("1,2026-03-01 10:00,W1,died", name="b.csv"), AT + DAY)
    receive(feed, csv_file("1,2026-03-01 10:00,W1,died", "", name="a.csv"), AT)
    withdraw(later, AT + 6 * DAY)
    assert known(feed) == ("fatal", "W1")


class TestDuplicates:
    def test_rows_of_this_file_are_told_from_those_of_earlier_ones(
        self, feed: Feed, csv_file: Writer
    ) -> None:
        row = "{},2026-03-01 10:00,W1,lived"
        first = receive(feed, csv_file(row.format(1), row.format(2), row.format(2), name="a.csv"))
        assert (first.duplicates, first.repeated, first.received_before) == (1, 1, 0)
        rows = [row.format(number) for number in (1, 2, 3, 3, 3)]
        later = receive(feed, csv_file(*rows, name="b.csv"), AT + DAY)
        assert (later.duplicates, later.repeated, later.received_before) == (4, 2, 2)
