"""How long records take: from when it happened to the first receipt, by the month in which it happened."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from throughline.formats.event import Event
from throughline.policy.sharing import Grant, Purpose, Request, own_feed
from throughline.warehouse import DelayReader, NotGranted, Warehouse

JANUARY, FEBRUARY = datetime(2026, 1, 10, 12, tzinfo=UTC), datetime(2026, 2, 10, 12, tzinfo=UTC)


def grant(*fields: str) -> Grant:
    request = Request("ems", "Fire department", Purpose.QUALITY, frozenset(fields), date(2026, 3, 1))
    return own_feed(request, provider="Fire department")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Of January, records that came after 1, 2 and 6 days, the last one corrected later; of February, after 3."""
    warehouse = Warehouse(Path(tmp_path_factory.mktemp("warehouse")))
    for record, occurred, after in [
        ("A", JANUARY, 1), ("B", JANUARY, 2), ("C", JANUARY, 6), ("C", JANUARY, 40), ("D", FEBRUARY, 3),
    ]:  # fmt: skip
        at = occurred + timedelta(days=after)
        with warehouse.stage(
            "ems", f"{record}-{after}", received_at=at, usable_at=at, mapping_version=1
        ) as stage:
            stage.add(Event(record, occurred, row=2))
            stage.finish()
    return warehouse


def read(warehouse: Warehouse, granted: Grant, as_of: datetime | None = None) -> DelayReader:
    deliveries = {"ems": ["A-1", "B-2", "C-6", "C-40", "D-3"]}
    return DelayReader.open(warehouse, granted, deliveries, as_of=as_of)


def test_a_month_has_its_records_their_median_and_90th_percentile(warehouse: Warehouse) -> None:
    with read(warehouse, grant("occurred_at")) as events:
        delays = events.monthly_delays(time_zone="America/New_York")
    assert delays.months == (date(2026, 1, 1), date(2026, 2, 1))
    assert delays.records.tolist() == [3, 1]
    assert delays.median.tolist() == [2, 3]
    assert delays.percentile_90.tolist() == pytest.approx([5.2, 3])


def test_a_correction_does_not_make_a_record_late_but_what_is_still_to_come_does(
    warehouse: Warehouse,
) -> None:
    with read(warehouse, grant("occurred_at"), as_of=JANUARY + timedelta(days=3)) as events:
        assert events.monthly_delays(time_zone="UTC").median.tolist() == [1.5]


def test_nothing_received_has_no_months(warehouse: Warehouse) -> None:
    with read(warehouse, grant("occurred_at"), as_of=JANUARY) as events:
        assert events.monthly_delays(time_zone="UTC").months == ()


def test_a_grant_must_name_when_it_happened(warehouse: Warehouse) -> None:
    with read(warehouse, grant("place")) as events, pytest.raises(NotGranted):
        events.monthly_delays(time_zone="UTC")
