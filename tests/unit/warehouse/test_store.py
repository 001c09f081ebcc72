"""A delivery is in the warehouse whole or not at all."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from throughline.formats.digest import file_sha256
from throughline.formats.event import Event
from throughline.formats.faults import Reason, Rejected
from throughline.warehouse import DeliveryExists, Known, Staged, Warehouse

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
EVENT = Event("1", datetime(2026, 3, 7, tzinfo=UTC), substances=("heroin",), row=2)
LATER = Event("2", datetime(2026, 3, 8, tzinfo=UTC), row=4)
REJECTED = Rejected(
    3, "age", "old", Reason.BAD_NUMBER, "an age in years", {"id": "9", "age": "old", "ñ": "␀"}
)
CLOCKS: dict[str, Any] = {"received_at": AT, "usable_at": AT, "mapping_version": 3}


def files_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_finished_delivery_tells_what_it_holds(warehouse: Warehouse) -> None:
    with warehouse.stage("ems", "d1", **CLOCKS) as stage:
        for event in (LATER, EVENT):
            stage.add(event)
        stage.reject(REJECTED)
        staged = stage.finish()
    assert (staged.accepted, staged.quarantined) == (2, 1)
    assert (staged.first_occurred_at, staged.last_occurred_at) == (EVENT.occurred_at, LATER.occurred_at)
    assert staged.sha256 == {
        name: file_sha256(warehouse.root / name)
        for name in ("deliveries/ems/d1/events.parquet", "deliveries/ems/d1/quarantine.parquet")
    }
    assert staged.bytes == sum((warehouse.root / name).stat().st_size for name in staged.sha256)


def test_every_row_of_events_says_where_it_came_from(
    warehouse: Warehouse, deliver: Callable[..., Staged]
) -> None:
    deliver("d1", EVENT)
    [row] = pq.read_table(warehouse.event_file("ems", "d1")).to_pylist()
    assert (row["feed"], row["delivery"], row["row"], row["mapping_version"]) == ("ems", "d1", 2, 1)
    assert (row["received_at"], row["usable_at"], row["content_hash"]) == (AT, AT, EVENT.content_hash)
    assert row["substances"] == ["heroin"]


def test_long_deliveries_are_written_in_parts(warehouse: Warehouse) -> None:
    with warehouse.stage("ems", "d1", **CLOCKS) as stage:
        for number in range(20_001):
            stage.add(Event(str(number), AT, row=number))
        assert stage.finish().accepted == 20_001
    file = pq.ParquetFile(warehouse.event_file("ems", "d1"))
    assert [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] == [10_000, 10_000, 1]


def test_rows_that_were_set_aside_come_back_as_they_were(warehouse: Warehouse) -> None:
    with warehouse.stage("ems", "d1", **CLOCKS) as stage:
        stage.reject(REJECTED)
        stage.finish()
    assert list(warehouse.quarantined("ems", "d1")) == [REJECTED]


def test_the_original_is_kept_as_it_was_for_its_owner_only(warehouse: Warehouse, tmp_path: Path) -> None:
    sent = tmp_path / "sent.csv"
    sent.write_bytes(b"id,when\r\n1,2026-03-07\r\n")
    with warehouse.stage("ems", "d1", **CLOCKS) as stage:
        stage.finish(original=sent)
    kept = warehouse.original("ems", "d1")
    assert kept.read_bytes() == sent.read_bytes()
    assert {path.stat().st_mode & 0o077 for path in warehouse.root.rglob("*")} == {0}


def test_a_delivery_without_a_file_of_its_own_says_so(
    warehouse: Warehouse, deliver: Callable[..., Staged]
) -> None:
    deliver("d1", EVENT)
    with pytest.raises(FileNotFoundError, match="delivery d1 of ems has no file"):
        warehouse.original("ems", "d1")


def test_a_delivery_that_was_not_finished_leaves_nothing(warehouse: Warehouse) -> None:
    with warehouse.stage("ems", "d1", **CLOCKS) as stage:
        stage.add(EVENT)
    assert files_below(warehouse.root) == []


def test_a_delivery_that_failed_leaves_nothing(warehouse: Warehouse) -> None:
    with pytest.raises(ZeroDivisionError), warehouse.stage("ems", "d1", **CLOCKS) as stage:
        stage.add(EVENT)
        raise ZeroDivisionError
    assert files_below(warehouse.root) == []


def test_files_that_are_there_are_never_overwritten(
    warehouse: Warehouse, deliver: Callable[..., Staged]
) -> None:
    first = deliver("d1", EVENT)
    with pytest.raises(DeliveryExists, match="d1"):
        deliver("d1", LATER)
    assert file_sha256(warehouse.event_file("ems", "d1")) == first.sha256["deliveries/ems/d1/events.parquet"]


def test_sweeping_removes_what_no_receipt_lists_and_nothing_else(
    warehouse: Warehouse, deliver: Callable[..., Staged]
) -> None:
    for delivery in ("d1", "d2", "d3"):
        deliver(delivery, EVENT)
    deliver("d2", EVENT, feed="police")
    half = warehouse.root / "staging" / "ems" / "d4"
    half.mkdir(parents=True)
    assert warehouse.sweep("ems", known={"d1", "d3"}) == ["d2"]
    assert not half.exists()
    assert sorted(path.parent.name for path in warehouse.root.rglob("events.parquet")) == ["d1", "d2", "d3"]


def test_destroying_a_feed_deletes_all_of_it_and_certifies_each_file(
    warehouse: Warehouse, deliver: Callable[..., Staged]
) -> None:
    staged = [deliver("d1", EVENT), deliver("d2", LATER)]
    deliver("d1", EVENT, feed="police")
    assert warehouse.holdings("ems") == tuple(file for delivery in staged for file in delivery.files)
    assert warehouse.destroy("ems") == tuple(file for delivery in staged for file in delivery.files)
    assert not [name for name in files_below(warehouse.root) if "ems" in name]
    assert len(files_below(warehouse.root)) == 2
    assert warehouse.destroy("ems") == ()


@pytest.mark.parametrize("name", ["", "..", ".hidden", "a/b", "../d1", "a\0b", "x" * 101])
def test_a_name_can_never_lead_out_of_the_warehouse(warehouse: Warehouse, name: str) -> None:
    with pytest.raises(ValueError, match="can't name a feed or a delivery"):
        warehouse.sweep(name, known=())


def test_the_latest_content_of_each_record_is_known(
    warehouse: Warehouse, deliver: Callable[..., Staged]
) -> None:
    corrected = Event("1", datetime(2026, 3, 7, tzinfo=UTC), outcome="fatal")
    deliver("d1", EVENT, LATER)
    deliver("d2", corrected, received_at=datetime(2026, 3, 11, tzinfo=UTC))
    deliver("orphan", Event("3", AT))
    known = {"1": Known(corrected.content_hash, False), "2": Known(LATER.content_hash, False)}
    assert contents(warehouse, ["d2", "d1"], {"1", "2", "3"}) == known
    assert contents(warehouse, ["d2", "d1"], {"2"}) == {"2": known["2"]}
    assert contents(warehouse, [], {"1"}) == {}


def test_what_the_delivery_being_read_told_last_is_known(
    warehouse: Warehouse, deliver: Callable[..., Staged]
) -> None:
    deliver("d1", EVENT)
    with warehouse.known_records("ems", ["d1"]) as known:
        known.tell({"1": "a", "9": "b"})
        known.tell({})
        known.tell({"1": "c"})
        assert known.of({"1", "8", "9"}) == {"1": Known("c", True), "9": Known("b", True)}


def test_records_that_later_deliveries_changed_are_counted(
    warehouse: Warehouse, deliver: Callable[..., Staged]
) -> None:
    deliver("d1", EVENT, LATER)
    deliver("same", EVENT, received_at=datetime(2026, 3, 11, tzinfo=UTC))
    deliver("other", replace(EVENT, outcome="fatal"), received_at=datetime(2026, 3, 12, tzinfo=UTC))
    assert warehouse.changed_since("ems", "d1", ["same"]) == 0
    assert warehouse.changed_since("ems", "d1", ["same", "other"]) == 1


def contents(warehouse: Warehouse, deliveries: list[str], record_ids: set[str]) -> dict[str, Known]:
    with warehouse.known_records("ems", deliveries) as known:
        return known.of(record_ids)


WRITER = """
import sys
from datetime import UTC, datetime
from throughline.formats.event import Event
from throughline.warehouse import Known, Warehouse

at = datetime(2026, 3, 10, tzinfo=UTC)
print("ready", flush=True)
for number in range(10_000):
    with Warehouse(sys.argv[1]).stage("ems", f"d{number}", received_at=at, usable_at=at, mapping_version=1) as stage:
        for row in range(50):
            stage.add(Event(f"{number}-{row}", at, row=row))
        stage.finish()
    print(number, flush=True)
"""


@pytest.mark.parametrize("seconds", [0.007, 0.052])
def test_killed_at_any_instant_each_delivery_is_whole_or_absent(warehouse: Warehouse, seconds: float) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(warehouse.root)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    time.sleep(seconds)
    writer.send_signal(signal.SIGKILL)
    committed = [f"d{number.strip()}" for number in writer.stdout]
    writer.wait()
    found = {path.parent.name for path in warehouse.root.glob("deliveries/ems/*/events.parquet")}
    assert found >= set(committed)
    for delivery in found:
        assert pq.read_table(warehouse.event_file("ems", delivery)).num_rows == 50
    assert set(warehouse.sweep("ems", known=committed)) == found - set(committed)
    numbers = [name.removeprefix("d") for name in committed]
    records = {f"{number}-{row}" for number in numbers for row in range(50)}
    assert len(contents(warehouse, committed, records)) == 50 * len(committed)
