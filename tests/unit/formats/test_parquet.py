"""Parquet tables come in through the same mapping as CSV and Excel."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from throughline.formats.event import Event
from throughline.formats.faults import Reason, UnreadableFile
from throughline.formats.gazetteer import Gazetteer, Place
from throughline.formats.limits import Limits
from throughline.formats.mapping import parse_mapping
from throughline.formats.tabular import read_tabular

Read = Callable[..., list[Any]]


def table(path: Path, **columns: Any) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_values_read_as_they_would_from_csv(tmp_path: Path, read: Read) -> None:
    path = table(
        tmp_path / "runs.parquet",
        id=[1, 2],
        when=pa.array([datetime(2026, 3, 7, 14, 5, tzinfo=UTC), None], pa.timestamp("ns")),
        age=[34.0, None],
        narcan=[True, False],
    )
    first, second = read(
        path,
        age={"columns": ["age"]},
        naloxone={"columns": ["narcan"], "codes": {"true": "yes", "false": "no"}},
    )
    assert (first.record_id, first.occurred_at) == ("1", datetime(2026, 3, 7, 14, 5, tzinfo=UTC))
    assert (first.age, first.naloxone, first.row) == (34, True, 1)
    assert (second.row, second.field, second.reason) == (2, "when", Reason.MISSING)


def test_days_and_dictionaries_read_as_text(tmp_path: Path, read: Read) -> None:
    sexes = pa.array(["female", "male"]).dictionary_encode()
    path = table(tmp_path / "file", id=["a", "b"], when=[date(2026, 3, 7), date(2026, 3, 8)], sex=sexes)
    events = read(path, sex={"columns": ["sex"]})
    assert [(event.sex, event.time_quality) for event in events] == [("female", "day"), ("male", "day")]


def test_many_batches_keep_their_rows_in_order(tmp_path: Path, read: Read) -> None:
    numbers = list(range(1, 2502))
    path = table(tmp_path / "file.parquet", id=numbers, when=["2026-03-07"] * len(numbers))
    assert [event.row for event in read(path) if isinstance(event, Event)] == numbers


def test_nested_columns_are_refused_by_name(tmp_path: Path, read: Read) -> None:
    path = table(tmp_path / "file.parquet", id=["a"], when=["2026-03-07"], drugs=[["heroin"]], who=[{"a": 1}])
    with pytest.raises(UnreadableFile, match="the columns drugs, who hold lists or records"):
        read(path)


def test_a_small_file_with_endless_rows_is_refused_unread(tmp_path: Path, read: Read) -> None:
    path = table(tmp_path / "file.parquet", id=["a"] * 1_000_000, when=["2026-03-07"] * 1_000_000)
    assert path.stat().st_size < 10_000
    with pytest.raises(UnreadableFile, match="unpacks to more than 1 MB"):
        read(path, limits=Limits(file=1_000_000))


def test_one_long_text_under_many_rows_is_measured_before_it_is_repeated(tmp_path: Path, read: Read) -> None:
    one_text = pa.DictionaryArray.from_arrays(pa.array([0] * 5000), pa.array(["x" * 2_000_000]))
    path = tmp_path / "file.parquet"
    columns = {"id": one_text, "when": ["2026-03-07"] * 5000}
    pq.write_table(pa.table(columns), path, dictionary_pagesize_limit=4_000_000)
    with pytest.raises(UnreadableFile, match="column id holds a text of more than 1 MB"):
        read(path)


@pytest.mark.parametrize("damage", [b"", b"PAR1", b"\0" * 50])
def test_a_damaged_file_is_refused(tmp_path: Path, read: Read, damage: bytes) -> None:
    path = table(tmp_path / "file.parquet", id=["a"], when=["2026-03-07"])
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + damage)
    with pytest.raises(UnreadableFile, match="can't be read"):
        read(path)


def test_names_that_are_no_text_are_refused(tmp_path: Path, read: Read) -> None:
    path = table(tmp_path / "file.parquet", id=["a"], when=["2026-03-07"])
    path.write_bytes(path.read_bytes().replace(b"when", b"\xa2hen"))
    with pytest.raises(UnreadableFile, match="can't be read"):
        read(path)


def test_the_sample_holds_the_same_runs_as_the_csv() -> None:
    samples = Path(__file__).parents[2] / "samples"
    mapping = parse_mapping(json.loads((samples / "mappings/ems_runs.json").read_text()))
    gazetteer, at = Gazetteer([Place("08", 41.90, -87.70)]), datetime(2026, 3, 10, tzinfo=UTC)
    from_csv, from_parquet = (
        list(read_tabular(samples / name, mapping, gazetteer, received_at=at))
        for name in ("ems_runs.csv", "ems_runs.parquet")
    )
    assert [each.row for each in from_parquet] == [each.row - 1 for each in from_csv]
    assert [each.content_hash for each in from_csv if isinstance(each, Event)] == [
        each.content_hash for each in from_parquet if isinstance(each, Event)
    ]


def test_a_missing_column_is_named(tmp_path: Path, read: Read) -> None:
    with pytest.raises(UnreadableFile, match="has no column 'when'"):
        read(table(tmp_path / "file.parquet", id=["a"], day=["2026-03-07"]))
