"""A feed with a year behind it: February 2026 is judged against the twelve months before."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from apps.evidence.conftest import MAPPING
from django.utils import timezone

from throughline.evidence.agreements.models import Agreement
from throughline.evidence.feeds.actions import save_mapping
from throughline.evidence.feeds.models import Delivery, Feed
from throughline.evidence.feeds.receiving import receive_delivery

HEADER = "number,when,ward,result,gender\n"
SEXES = {"columns": ["gender"], "codes": {"F": "female", "M": "male"}}


@pytest.fixture
def feed(feed: Feed) -> Feed:
    """As everywhere, and with a column for sex."""
    save_mapping(feed=feed, definition=MAPPING | {"sex": SEXES}, by="test", at=timezone.now())
    return feed


@pytest.fixture
def receive(feed: Feed, tmp_path: Path) -> Callable[..., Delivery]:
    """`receive(date(2026, 3, 1), rows)` hands a file over at nine on that day."""

    def received(on: date, rows: Iterable[str], name: str = "", header: str = HEADER) -> Delivery:
        path = tmp_path / (name or f"{on}.csv")
        path.write_text(header + "".join(f"{row}\n" for row in rows))
        at = timezone.make_aware(datetime.combine(on, time(9)))
        return receive_delivery(feed=feed, path=path, by="test", at=at)[0]

    return received


def rows_of(
    month: date, sexes: str, *, first: int = 0, result: str = "lived", place: str = "W1"
) -> list[str]:
    """One row for each letter, a different minute each."""
    begin = datetime.combine(month, time(0, 5))
    return [
        f"{month:%Y%m}-{first + n},{begin + timedelta(minutes=7 * n):%Y-%m-%d %H:%M},{place},{result},{sex.strip()}"
        for n, sex in enumerate(sexes)
    ]


def months_before(month: date, count: int) -> list[date]:
    found = [month]
    for _turn in range(count):
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found[:0:-1]


@pytest.fixture
def a_good_year(receive: Callable[..., Delivery]) -> Callable[..., None]:
    """`a_good_year("F" * 60 + " " * 40)` is a February in which sex is missing in 40 of 100 records."""

    def received(february: str = "FM" * 50) -> None:
        for month in months_before(date(2026, 2, 1), 3):
            receive(month + timedelta(days=27), rows_of(month, "FM" * 50))
        receive(date(2026, 2, 28), rows_of(date(2026, 2, 1), february))

    return received


@pytest.fixture
def agreement(feed: Feed, backbone: Any) -> Agreement:
    """The backbone may check these fields; figures about fewer than ten are withheld."""
    from factories import signed_agreement

    return signed_agreement(
        feed,
        recipients=[backbone],
        purposes=["quality"],
        fields=["occurred_at", "time_quality", "place", "outcome", "sex", "age_group", "record_id"],
        clauses={"fields": "The agency shares these items."},
    )
