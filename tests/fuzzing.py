"""Damaged files for every format, and what must hold however damaged they are."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from openpyxl import Workbook

from throughline.formats.event import VOCABULARIES, Event
from throughline.formats.faults import Rejected, UnreadableFile
from throughline.formats.gazetteer import AnyPlace
from throughline.formats.mapping import Mapping, parse_mapping
from throughline.formats.registry import Format, find_format, known_formats

SAMPLES = Path(__file__).parent / "samples"
RECEIVED_AT = datetime(2026, 11, 1, tzinfo=UTC)
MOST_SECONDS, MOST_MEGABYTES = 20, 400
LARGEST_INT32, LARGEST_INT16 = 2**31 - 1, 2**15 - 1

# What breaks parsers: marks of every format, numbers that aren't, letters of other encodings, and a great many of one.
NASTY = [
    b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\xc3(", b"\xe9", "\u202e\u2028٣".encode(), b"\r", b"\n", b"\r\n",
    b"\x0b", b"\x1c",
    b'"', b'""', b"'", b",", b";", b"\t", b"|", b"^", b"~", b"\\", b"&", b"=", b"=1+1", b"-", b".", b" ",
    b"<", b">", b"</", b"/>", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"&amp;", b"&x;", b"&#0;", b"&#xD800;",
    b'<!DOCTYPE a [<!ENTITY x "y">]>',
    b"{", b"}", b"[", b"]", b":", b"null", b"true", b"NaN", b"Infinity", b"1e999", b"-0.0", b'"\\ud800"', b"[" * 3000,
    b"0", b"-1", b"9" * 25, b"1" * 5000, b"A" * 70_000, b"2026-02-30", b"0000-00-00", b"9999-12-31T23:59:60Z",
    b"20260308023000",
    b"MSH|^~\\&|", b"\rPID|1|", b"FHS|", b"BTS|", b"%PDF", b"PK\x03\x04", b"PAR1",
]  # fmt: skip

HOSTILE = {
    "entities within entities": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (letter, b"&%c;" % (letter - 1) * 10) for letter in range(98, 116))
    + b']><EMSDataSet xmlns="http://www.nemsis.org">&s;</EMSDataSet>',
    "an entity of a file": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    b'<EMSDataSet xmlns="http://www.nemsis.org">&a;</EMSDataSet>',
    "deep XML": b'<EMSDataSet xmlns="http://www.nemsis.org">' + b"<a>" * 200_000,
    "deep JSON": b'{"resourceType": "Bundle", "entry": ' + b"[" * 200_000,
    "deep JSON objects": b'{"resourceType": "Bundle", "type": "document"' + b', "entry": {"a": ' * 100_000,
    "a long line": b"id,date\n1," + b"x" * 30_000_000,
    "a long message": b"MSH|^~\\&|A|B|C|D|20260314||ADT^A04|1|P|2.5.1\r" + b"PV1|" + b"x" * 30_000_000,
    "a long number": b'{"resourceType": "Bundle", "total": ' + b"1" * 1_000_000 + b"}",
    "nothing but NUL": bytes(1_000_000),
    "nothing but quotes": b'"' * 1_000_001,
    "nothing but line ends": b"\n" * 5_000_000,
    "a million fields": b"id,date\n" + b"," * 1_000_000,
    "mixed encodings": "id,date\n1,Peña\n".encode() + "2,Peña\n".encode("latin-1") + "3,Peña\n".encode("utf-16"),
    "a mark of UTF-16 alone": b"\xff\xfe",
    "half a character": "id,date\n1,ñ".encode()[:-1],
}  # fmt: skip


@cache
def samples(key: str) -> tuple[bytes, ...]:
    """The sample files of a format, and a mark of it where there is none."""
    found = [path for path in sorted(SAMPLES.iterdir()) if path.is_file() and path.suffix != ".md"]
    contents = tuple(path.read_bytes() for path in found if key == find_format(path).KEY)
    return (*contents, workbook()) if key == "tabular" else contents


def workbook() -> bytes:
    """The sample of EMS runs as Excel saves it."""
    made, file = Workbook(), BytesIO()
    for line in (SAMPLES / "ems_runs.csv").read_text().splitlines():
        made.active.append(line.split(","))
    made.save(file)
    return file.getvalue()


@cache
def mapping_of(key: str) -> Mapping:
    """A standard's own mapping; for tables the sample's."""
    own = known_formats()[key].MAPPING
    return parse_mapping(own or json.loads((SAMPLES / "mappings/ems_runs.json").read_text()))


class Instead(NamedTuple):
    """Damage that leaves a file's structure: another text in place of a field; nothing means another field's."""

    text: bytes


class Over(NamedTuple):
    """Damage that moves nothing, for formats with fixed places: bytes over those that stand there."""

    text: bytes


Injury = bytes | str | Instead | Over
_FIELD = re.compile(rb'[^<>",|^~&\r\n:{}\[\]]+')
_PACKED = b"PK\x03\x04"


def damaged(key: str) -> st.SearchStrategy[bytes]:
    """Samples of a format with up to a dozen injuries, and bytes that never were a file."""
    wounded = st.builds(_wounded, st.sampled_from(samples(key)), _places(_anywhere()))
    misread = st.builds(_wounded, st.sampled_from(samples(key)), _places(_within_structure()))
    return (
        wounded
        | misread
        | st.binary(max_size=2000)
        | st.lists(st.sampled_from(NASTY), max_size=40).map(b"".join)
    )


def _places(injuries: st.SearchStrategy[Injury]) -> st.SearchStrategy[list[tuple[float, float, Injury]]]:
    spots = st.floats(0, 1, exclude_max=True)
    return st.lists(st.tuples(spots, spots, injuries), max_size=12)


def _anywhere() -> st.SearchStrategy[Injury]:
    return (
        st.sampled_from(["cut", "double", "truncate"])
        | st.sampled_from(NASTY)
        | st.binary(min_size=1, max_size=8)
    )


def _within_structure() -> st.SearchStrategy[Injury]:
    texts = st.sampled_from([b"", *NASTY]) | st.binary(max_size=8)
    return texts.map(Instead) | texts.map(Over)


def _wounded(content: bytes, injuries: list[tuple[float, float, Injury]]) -> bytes:
    """Of a workbook one part is damaged and packed again, else its checksum would be all that is looked at."""
    if not content.startswith(_PACKED) or not injuries:
        return _wound(content, injuries)
    with ZipFile(BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    hurt = list(parts)[int(injuries[0][0] * len(parts))]
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, _wound(part, injuries) if name == hurt else part)
    return file.getvalue()


def _wound(content: bytes, injuries: list[tuple[float, float, Injury]]) -> bytes:
    for where, length, injury in injuries:
        start = int(where * len(content))
        end = start + int(length * length * (len(content) - start))
        content = _hurt(content, start, end, injury)
    return content


def _hurt(content: bytes, start: int, end: int, injury: Injury) -> bytes:
    match injury:
        case Instead(text):
            return _instead(content, start, end, text)
        case Over(text):
            return content[:start] + text[: len(content) - start] + content[start + len(text) :]
        case "cut":
            return content[:start] + content[end:]
        case "double":
            return content[:end] + content[start:end] + content[end:]
        case "truncate":
            return content[:start]
        case text:
            assert isinstance(text, bytes)
            return content[:start] + text + content[end if end - start < len(content) // 25 else start :]


def _instead(content: bytes, start: int, other: int, text: bytes) -> bytes:
    if not (field := _FIELD.search(content, start)):
        return content
    another = _FIELD.search(content, other)
    return content[: field.start()] + (text or (another[0] if another else b"")) + content[field.end() :]


def check_reading(known: Format, content: bytes) -> None:
    """Read a file, and raise AssertionError for anything but events, records set aside, or a refusal of the file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"file{known.SUFFIXES[0] if known.SUFFIXES else '.csv'}"
        path.write_bytes(content)
        check_file(known, path)


def check_file(known: Format, path: Path, *, most_seconds: float = MOST_SECONDS) -> None:
    """As `check_reading`; the file is read twice, to say the same."""
    forget_peak()
    used, before = process_time(), peak_megabytes()
    outcomes = list(_outcomes(known, path))
    assert process_time() - used < most_seconds, "reading took too long"
    assert peak_megabytes() - before < MOST_MEGABYTES, "reading took too much memory"
    for outcome in outcomes:
        check_outcome(outcome)
    rows = [outcome.row for outcome in outcomes if not isinstance(outcome, str)]
    assert len(rows) == len(set(rows)), "a record comes out twice"
    assert outcomes == list(_outcomes(known, path)), "read again, the file says something else"


def _outcomes(known: Format, path: Path) -> Iterator[Event | Rejected | str]:
    """The outcomes, and the refusal's words as the last of them."""
    try:
        yield from known.read(path, mapping_of(known.KEY), AnyPlace(), received_at=RECEIVED_AT)
    except UnreadableFile as fault:
        assert fault.file == path.name
        assert fault.found
        assert fault.expected
        yield str(fault)


def check_outcome(outcome: Event | Rejected | str) -> None:
    """What comes out can be stored and shown: text that is text, numbers that are numbers, words that are known."""
    assert isinstance(outcome, Event | Rejected | str)
    if isinstance(outcome, str):
        outcome.encode()
        return
    assert outcome.row >= 1
    if isinstance(outcome, Rejected):
        assert outcome.reason
        json.dumps(
            [outcome.field, outcome.value, outcome.expected, dict(outcome.raw)], ensure_ascii=False
        ).encode()
        return
    check_event(outcome)


def check_event(event: Event) -> None:
    facts = asdict(event) | {"occurred_at": event.occurred_at.isoformat()}
    json.dumps(facts, ensure_ascii=False, allow_nan=False).encode()
    assert event.record_id
    assert event.occurred_at.utcoffset() is not None
    assert 0 <= event.quantity <= LARGEST_INT32
    assert event.age is None or 0 <= event.age <= LARGEST_INT16
    assert event.latitude is None or math.isfinite(event.latitude)
    for name in ("outcome", "sex", "manner"):
        assert getattr(event, name) in VOCABULARIES[name]
    event.occurred_at.astimezone(ZoneInfo("Pacific/Kiritimati"))  # shown anywhere on earth
    assert len(event.content_hash) == 32


def forget_peak() -> None:
    """Measure anew from what is held now, so that one large file doesn't hide the next (Linux, proc(5))."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_megabytes() -> float:
    """The most memory that this process held since its peak was forgotten."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
