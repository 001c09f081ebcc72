"""How complete, alike and timely records are, and of what mix."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from throughline.formats.event import Event
from throughline.policy.sharing import Grant
from throughline.warehouse import Delays, Lookalikes, Mix, NotGranted, QualityReader, Staged, Warehouse

Deliver = Callable[..., Staged]
Grants = Callable[..., Grant]
YEAR: dict[str, Any] = {"start": date(2026, 1, 1), "end": date(2026, 12, 31), "time_zone": "America/Chicago"}
NOON = datetime(2026, 3, 7, 18, tzinfo=UTC)
NONE_ALIKE = Lookalikes(0, 0, 0)
LIKE = Event("1", NOON, place="A", age_group="20-29", sex="female", outcome="fatal")


@pytest.fixture(autouse=True)
def no_power_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("throughline.warehouse.stage.sync", lambda path: None)


def test_a_field_is_known_where_it_holds_more_than_unknown(
    warehouse: Warehouse, deliver: Deliver, grant: Grants
) -> None:
    deliver(
        "d1",
        Event("1", NOON, sex="female", race="", naloxone=False, substances=("heroin",), age=0),
        Event("2", NOON, sex="unknown", race="White", substances=("unknown",)),
        Event("3", NOON, sex="male"),
    )
    fields = {"sex", "race", "naloxone", "substances", "age", "place"}
    with QualityReader.open(warehouse, grant(), {"ems": ["d1"]}) as events:
        measured = events.completeness(fields, **YEAR)
    assert {name: int(known[0]) for name, known in measured.known.items()} == {
        "sex": 2,
        "race": 1,
        "naloxone": 1,
        "substances": 1,
        "age": 1,
        "place": 0,
    }


def test_completeness_goes_by_local_months_and_leaves_deleted_and_older_revisions_out(
    warehouse: Warehouse, deliver: Deliver, grant: Grants
) -> None:
    last_of_march = datetime(2026, 4, 1, 4, tzinfo=UTC)  # still March in Chicago
    deliver(
        "d1",
        Event("1", last_of_march),
        Event("2", last_of_march + timedelta(hours=2), sex="male"),
        Event("3", NOON),
    )
    deliver("d2", Event("1", last_of_march, sex="male"), received_at=NOON + timedelta(days=30))
    deliver("d3", Event("3", NOON, deleted=True), received_at=NOON + timedelta(days=31))
    with QualityReader.open(warehouse, grant(), {"ems": ["d1", "d2", "d3"]}) as events:
        measured = events.completeness({"sex"}, **YEAR)
    assert measured.months == (date(2026, 3, 1), date(2026, 4, 1))
    assert measured.records.tolist() == measured.known["sex"].tolist() == [1, 1]


def test_a_feed_without_records_has_no_months(warehouse: Warehouse, grant: Grants) -> None:
    with QualityReader.open(warehouse, grant(), {"ems": []}) as events:
        measured = events.completeness({"sex"}, **YEAR)
        assert events.lookalikes(**YEAR) == NONE_ALIKE
    assert (measured.months, measured.records.tolist(), measured.known["sex"].tolist()) == ((), [], [])


def test_lookalikes_in_one_delivery_and_across(warehouse: Warehouse, deliver: Deliver, grant: Grants) -> None:
    deliver("d1", LIKE, replace(LIKE, record_id="2"), replace(LIKE, record_id="3"))
    deliver("d2", replace(LIKE, record_id="4"))
    with QualityReader.open(warehouse, grant(), {"ems": ["d1", "d2"]}) as events:
        assert events.lookalikes(**YEAR) == Lookalikes(within=2, across=1, by_chance=0)


def test_ten_records_of_each_of_four_instants_are_more_than_chance_gives(
    warehouse: Warehouse, deliver: Deliver, grant: Grants
) -> None:
    quarters = [NOON + timedelta(minutes=15 * (n % 4)) for n in range(40)]
    deliver("d1", *(replace(LIKE, record_id=f"{n}", occurred_at=at) for n, at in enumerate(quarters)))
    with QualityReader.open(warehouse, grant(), {"ems": ["d1"]}) as events:
        alike = events.lookalikes(**YEAR)
    assert (alike.within, alike.across, alike.beyond_chance) == (36, 0, 36)


def test_hours_full_of_events_with_rounded_times_say_nothing_of_repetition(
    warehouse: Warehouse, deliver: Deliver, grant: Grants
) -> None:
    quarters = [NOON + timedelta(minutes=15 * n) for n in range(400)]
    deliver(
        "d1",
        *(
            replace(LIKE, record_id=f"{n}-{twin}", occurred_at=at)
            for n, at in enumerate(quarters)
            for twin in "ab"
        ),
    )
    with QualityReader.open(warehouse, grant(), {"ems": ["d1"]}) as events:
        alike = events.lookalikes(**YEAR)
    assert alike.within == 400
    assert alike.by_chance == pytest.approx(100 * 28 * (4 * 100 * 99) / (400 * 399))
    assert alike.beyond_chance == 0


@pytest.mark.parametrize(
    "differing",
    [{"sex": "male"}, {"occurred_at": NOON + timedelta(minutes=1)}, {"time_quality": "day"}, {"place": None}],
    ids=lambda differing: next(iter(differing)),
)
def test_what_differs_or_is_only_roughly_known_is_no_lookalike(
    warehouse: Warehouse, deliver: Deliver, grant: Grants, differing: dict[str, Any]
) -> None:
    deliver("d1", LIKE, replace(LIKE, record_id="2", **differing))
    with QualityReader.open(warehouse, grant(), {"ems": ["d1"]}) as events:
        assert events.lookalikes(**YEAR) == NONE_ALIKE


def test_what_is_read_at_once_answers_as_if_asked_one_by_one(
    warehouse: Warehouse, deliver: Deliver, grant: Grants
) -> None:
    deliver("d1", LIKE, replace(LIKE, record_id="2"), replace(LIKE, record_id="3", sex="male"))
    amended = [replace(LIKE, sex="unknown"), replace(LIKE, record_id="2", deleted=True)]
    deliver("d2", *amended, received_at=datetime(2026, 3, 11, tzinfo=UTC))
    with QualityReader.open(warehouse, grant(), {"ems": ["d1", "d2"]}) as events:
        one_by_one = (
            events.lookalikes(**YEAR),
            events.delays(**YEAR),
            events.completeness({"sex"}, **YEAR).known["sex"],
        )
        events.load({"place", "age_group", "sex", "outcome", "time_quality"})
        assert (
            events.lookalikes(**YEAR),
            events.delays(**YEAR),
            events.completeness({"sex"}, **YEAR).known["sex"],
        ) == one_by_one


def test_nothing_is_read_at_once_that_is_not_granted(
    warehouse: Warehouse, deliver: Deliver, grant: Grants
) -> None:
    deliver("d1", LIKE)
    with (
        QualityReader.open(warehouse, grant(fields={"occurred_at"}), {"ems": ["d1"]}) as events,
        pytest.raises(NotGranted, match="leave out: sex"),
    ):
        events.load({"sex"})


def test_measuring_a_field_needs_a_grant_that_names_it(
    warehouse: Warehouse, deliver: Deliver, grant: Grants
) -> None:
    deliver("d1", LIKE)
    with QualityReader.open(warehouse, grant(fields={"occurred_at", "place"}), {"ems": ["d1"]}) as events:
        with pytest.raises(NotGranted, match="leave out: sex"):
            events.completeness({"place", "sex"}, **YEAR)
        with pytest.raises(NotGranted, match="age_group, outcome, sex"):
            events.lookalikes(**YEAR)


def test_a_mix_counts_every_value_and_unknown_before_a_day_and_from_it_on(
    warehouse: Warehouse, deliver: Deliver, grant: Grants
) -> None:
    before, now = NOON, NOON + timedelta(days=30)
    deliver(
        "d1",
        Event("1", before, sex="female", substances=("heroin", "cocaine"), naloxone=True),
        Event("2", before),
        Event("3", now, sex="female", substances=("heroin",), naloxone=False),
        Event("4", now - timedelta(days=300), sex="male"),  # before the reference period
    )
    period = {**YEAR, "latest": date(2026, 4, 1)}
    with QualityReader.open(warehouse, grant(), {"ems": ["d1"]}) as events:
        assert events.mixes({"sex", "substances", "naloxone"}, **period) == {
            "sex": Mix({"female": 1, "unknown": 1}, {"female": 1}),
            "substances": Mix({"heroin": 1, "cocaine": 1, "unknown": 1}, {"heroin": 1}),
            "naloxone": Mix({"yes": 1, "unknown": 1}, {"no": 1}),
        }


def test_delays_go_by_the_first_revision_of_the_records_of_a_period(
    warehouse: Warehouse, deliver: Deliver, grant: Grants
) -> None:
    deliver("d1", Event("1", NOON), Event("2", NOON), received_at=NOON + timedelta(days=2))
    deliver("d2", Event("1", NOON, sex="male"), Event("3", NOON), received_at=NOON + timedelta(days=12))
    march = {**YEAR, "start": date(2026, 3, 1), "end": date(2026, 3, 31)}
    april = {**YEAR, "start": date(2026, 4, 1), "end": date(2026, 4, 30)}
    with QualityReader.open(warehouse, grant(), {"ems": ["d1", "d2"]}) as events:
        assert events.delays(**march) == Delays(2, pytest.approx(10))
        assert events.delays(**april) == Delays(None, None)
