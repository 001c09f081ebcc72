"""However a file is damaged: events, records set aside, or one clear refusal. `make fuzz` looks for longer."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import StringIO
from itertools import count
from pathlib import Path
from typing import cast

import pytest
from fuzzing import (
    HOSTILE,
    MOST_MEGABYTES,
    NASTY,
    RECEIVED_AT,
    SAMPLES,
    check_reading,
    damaged,
    mapping_of,
    samples,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from throughline.formats.event import Event
from throughline.formats.faults import UnreadableFile
from throughline.formats.gazetteer import AnyPlace
from throughline.formats.limits import MEBIBYTE
from throughline.formats.mapping import parse_mapping
from throughline.formats.proposal import propose_mapping
from throughline.formats.registry import Format, find_format, known_formats
from throughline.formats.tabular import read_tabular

FORMATS = sorted(known_formats())
few = settings(max_examples=60, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("key", FORMATS)
@few
@given(data=st.data())
def test_damaged_files(key: str, data: st.DataObject) -> None:
    check_reading(known_formats()[key], data.draw(damaged(key)))


@pytest.mark.slow
@pytest.mark.parametrize("key", FORMATS)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files(key: str, name: str) -> None:
    check_reading(known_formats()[key], HOSTILE[name])


@pytest.mark.parametrize("key", FORMATS)
def test_a_sample_is_found_and_read_by_its_own_format(key: str) -> None:
    """Else the mutations above would start from nothing."""
    assert len(samples(key)[0]) > 50


class Careless:
    """A format that fails as none should: by what it is told to do with a file."""

    KEY, SUFFIXES = "tabular", (".csv",)

    def __init__(self, outcomes: Callable[[], Iterator[Event]]) -> None:
        self._outcomes = outcomes

    def read(self, *_file: object, **_settings: object) -> Iterator[Event]:
        return self._outcomes()


def an_event(row: int = 1, **facts: object) -> Event:
    return replace(Event("1", RECEIVED_AT), row=row, **facts)  # type: ignore[arg-type]


def crashing() -> Iterator[Event]:
    yield an_event()
    raise KeyError("place")


def hoarding() -> Iterator[Event]:
    hoard = b"x" * (MOST_MEGABYTES + 50) * MEBIBYTE
    yield an_event(cause=str(len(hoard)))


def changing_its_mind() -> Iterator[Event]:
    yield an_event(cause=str(next(_TIMES)))


_TIMES = count()


@pytest.mark.parametrize(
    ("outcomes", "noticed"),
    [
        (crashing, "place"),
        (hoarding, "too much memory"),
        (changing_its_mind, "something else"),
        (lambda: iter([an_event(), an_event()]), "comes out twice"),
        (lambda: iter([an_event(latitude=float("nan"))]), "not JSON compliant"),
        (lambda: iter([an_event(cause="\ud800")]), "surrogates not allowed"),
    ],
)
def test_the_check_notices_a_format_that_fails(outcomes: Callable[[], Iterator[Event]], noticed: str) -> None:
    for _again in range(2):  # one hoard must not hide the next
        with pytest.raises((AssertionError, LookupError, ValueError), match=noticed):
            check_reading(cast(Format, Careless(outcomes)), b"id,date\n")


CELL = st.text(max_size=12) | st.sampled_from([nasty.decode("utf-8", "replace") for nasty in NASTY[:40]])


@few
@given(rows=st.lists(st.lists(CELL, min_size=10, max_size=10), max_size=8))
def test_every_row_of_a_table_comes_out_once(
    rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    header = (SAMPLES / "ems_runs.csv").read_text().splitlines()[0]
    file = StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
    path = tmp_path_factory.mktemp("fuzz") / "table.csv"
    path.write_bytes(f"{header}\r\n{file.getvalue()}".encode(errors="replace"))
    read = list(read_tabular(path, mapping_of("tabular"), AnyPlace(), received_at=RECEIVED_AT))
    filled = [number for number, row in enumerate(rows, start=2) if any(row)]
    assert [outcome.row for outcome in read] == filled


@few
@given(content=damaged("tabular"))
def test_a_proposal_for_a_damaged_table_can_be_used_or_the_table_is_refused(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "table.csv"
    path.write_bytes(content)
    try:
        proposal = propose_mapping(path)
    except UnreadableFile:
        return
    if "occurred_at" in proposal.document:
        parse_mapping(proposal.document)
    assert all(finding.reason for finding in proposal.findings)


@few
@given(
    content=st.sampled_from(FORMATS).flatmap(damaged), suffix=st.sampled_from([".csv", ".xml", ".bin", ""])
)
def test_every_file_has_a_format_or_is_refused(
    content: bytes, suffix: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path: Path = tmp_path_factory.mktemp("fuzz") / f"file{suffix}"
    path.write_bytes(content)
    try:
        assert find_format(path).KEY in FORMATS
    except UnreadableFile as fault:
        assert fault.expected
