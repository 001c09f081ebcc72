"""Chooses how a file is read: its format, the mapping, and the places."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from throughline.cli.read.faults import check_is_file
from throughline.cli.read.places import read_places
from throughline.formats.event import Event
from throughline.formats.faults import Rejected, UnreadableFile
from throughline.formats.gazetteer import AnyPlace
from throughline.formats.mapping import parse_mapping
from throughline.formats.proposal import Proposal, propose_mapping
from throughline.formats.registry import Format, find_format, known_formats
from throughline.formats.shipped import in_time_zone


@dataclass(frozen=True)
class Reading:
    """A file about to be read. `mapping` is the document by which it is; `proposal` is set where it was proposed."""

    file: Path
    format: Format
    mapping: Mapping[str, Any]
    mapping_name: str
    proposal: Proposal | None
    outcomes: Iterator[Event | Rejected]


def open_reading(
    file: Path,
    *,
    format_key: str | None,
    mapping: Path | None,
    places: Path | None,
    time_zone: str,
    at: datetime,
) -> Reading:
    """Raises UnreadableFile, OSError, or DocumentError for a mapping with faults."""
    check_is_file(file)
    chosen = _known(format_key) if format_key else find_format(file)
    gazetteer = read_places(places) if places else None
    proposal = None
    if mapping:
        document, name = _document(mapping), mapping.name
    elif chosen.MAPPING is not None:
        document, name = in_time_zone(chosen.MAPPING, _zone(time_zone)), "the format's own"
    else:
        proposal = propose_mapping(file, gazetteer, time_zone=_zone(time_zone))
        _check_dated(file, proposal)
        document, name = proposal.document, "proposed from the table"
    outcomes = chosen.read(file, parse_mapping(document), gazetteer or AnyPlace(), received_at=at)
    return Reading(file, chosen, document, name, proposal, iter(outcomes))


def _known(key: str) -> Format:
    known = known_formats()
    if key not in known:
        raise UnreadableFile("--format", f"there is no format {key!r}", f"one of {', '.join(known)}")
    return known[key]


def _document(path: Path) -> Any:
    check_is_file(path)
    try:
        return json.loads(path.read_text("utf-8-sig"))
    except UnicodeDecodeError:
        raise UnreadableFile(path.name, "the mapping is not text in UTF-8", "a JSON document") from None
    except json.JSONDecodeError as fault:
        found = f"line {fault.lineno}, column {fault.colno}: {fault.msg}"
        raise UnreadableFile(path.name, found, "a JSON document") from None
    except RecursionError:
        raise UnreadableFile(path.name, "the mapping is nested too deeply", "a JSON document") from None


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        found = f"there is no time zone {name!r}"
        raise UnreadableFile("--time-zone", found, "one such as America/Chicago or UTC") from None


def _check_dated(file: Path, proposal: Proposal) -> None:
    if "occurred_at" not in proposal.document:
        columns = ", ".join(column.name for column in proposal.sample.columns)
        found = f"none of the columns holds dates ({columns})"
        raise UnreadableFile(file.name, found, "a column that says when, or a mapping with --mapping")
