"""What rows add to records: merged, amended, or set aside, wherever a file is cut."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughline.evidence.feeds.completing import completed
from throughline.formats.amendment import Amendment
from throughline.formats.event import Event
from throughline.formats.faults import Reason

AT = datetime(2026, 3, 1, tzinfo=UTC)
RECORDS = st.sampled_from(["a", "b", "c"])
CODES = st.sets(st.sampled_from(["1", "2", "3"])).map(lambda found: tuple(sorted(found)))


def event(record_id: str, *codes: str, **fields: Any) -> Event:
    return Event(record_id, AT, codes=codes, **fields)


def amendment(record_id: str, *codes: str) -> Amendment:
    return Amendment(1, "record", record_id, Reason.NO_RECORD, "a known record", {}, event(record_id, *codes))


def unite(earlier: Event, later: Event) -> Event:
    return replace(later, codes=tuple(sorted({*earlier.codes, *later.codes})))


def replace_whole(_earlier: Event, later: Event) -> Event:
    return later


def nothing_known(_ids: Collection[str]) -> dict[str, Event]:
    return {}


@given(st.lists(st.builds(lambda key, codes: event(key, *codes), RECORDS, CODES), max_size=12), st.data())
def test_it_makes_no_difference_where_a_series_is_cut_into_files(rows: list[Event], data: Any) -> None:
    cut = data.draw(st.integers(0, len(rows)))
    whole = list(completed(rows, look_up=nothing_known, merge=unite))
    first = list(completed(rows[:cut], look_up=nothing_known, merge=unite))
    known = {row.record_id: row for row in first}
    assert [*first, *completed(rows[cut:], look_up=lambda _ids: known, merge=unite)] == whole


def test_what_a_long_file_told_at_its_beginning_is_known_at_its_end() -> None:
    rows = [event("a", "1"), *(event(str(number)) for number in range(5000)), event("a", "2")]
    *_between, last = completed(rows, look_up=nothing_known, merge=unite)
    assert last == event("a", "1", "2")


def test_an_amendment_completes_what_is_known() -> None:
    known = {"a": event("a", "record_axis=X42", "manner=A", cause="overdose")}
    (outcome,) = completed(
        [amendment("a", "record_axis=T40.4")], look_up=lambda _ids: known, merge=replace_whole
    )
    assert outcome == replace(known["a"], codes=("manner=A", "record_axis=T40.4"), row=0)


def test_of_what_is_unknown_or_taken_back_it_stays_set_aside() -> None:
    known = {"b": event("b", deleted=True)}
    rows = [amendment("a", "1"), amendment("b", "1")]
    assert list(completed(rows, look_up=lambda _ids: known, merge=replace_whole)) == rows


@pytest.mark.parametrize("between", [0, 1, 25_000])
def test_it_makes_no_difference_how_far_an_amendment_stands_from_its_record(between: int) -> None:
    others = [event(str(number)) for number in range(between)]
    *_before, last = completed(
        [event("a", "manner=A"), *others, amendment("a", "axis=X42")],
        look_up=nothing_known,
        merge=replace_whole,
    )
    assert last == event("a", "manner=A", "axis=X42", row=0)
