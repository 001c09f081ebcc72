"""How fast EMS files are read, with mapping, checks and case definitions, and how much memory a large one takes.

The peer is what a program can't do without: lxml parses the file whole and validates it against the standard's schemas,
and nobody looks at the values. The schemas are those in THROUGHLINE_NEMSIS_SCHEMAS; without them, the peer only parses.
The bar: 900 patient care reports a second on one processor, in memory that doesn't grow with the file.

    python benchmarks/nemsis.py [MEGABYTES]      the size of the large file, 200 unless told
"""

import os
import re
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

from lxml import etree

from throughline.definitions import library
from throughline.formats.event import Event
from throughline.formats.gazetteer import Gazetteer, Place
from throughline.formats.mapping import parse_mapping
from throughline.formats.nemsis import MAPPING, read_nemsis
from throughline.formats.nemsis.reference import installed_folder
from throughline.formats.nemsis.schemas import SCHEMA

SAMPLE = Path(__file__).parents[1] / "tests/samples/nemsis.xml"
REPORTS = 1000
ROUNDS = 5
MEGABYTE = 1_000_000
RECEIVED_AT = datetime(2026, 11, 1, tzinfo=UTC)
PLACES = Gazetteer([Place("99301", 41.8, -87.7), Place("99302", 41.9, -87.7)])


def main() -> None:
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    schemas = installed_folder()
    os.environ.pop("THROUGHLINE_NEMSIS_SCHEMAS", None)  # so that reading without schemas is just that
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ems.xml"
        write_reports(path, reports=10)
        _count(_read(path, schemas))
        write_reports(path, megabytes=megabytes)
        _memory(path, schemas)
        write_reports(path, reports=REPORTS)
        _speed(path, schemas)


def write_reports(path: Path, *, reports: int = 10**9, megabytes: int = 10**9) -> None:
    """Repeat the sample's overdose, the longest of its reports, under new numbers."""
    sample = SAMPLE.read_text()
    start = sample.index("    <PatientCareReport")
    end = sample.index("</PatientCareReport>") + len("</PatientCareReport>\n")
    with path.open("w") as file:
        file.write(sample[:start])
        for number in range(reports):
            file.write(re.sub("SIM-2026-00041", f"SIM-{number:08d}", sample[start:end]))
            if number % 100 == 0 and file.tell() > megabytes * MEGABYTE:
                break
        file.write(sample[sample.rindex("  </Header>") :])


def _speed(path: Path, schemas: Path | None) -> None:
    """Rounds take turns, and each contender's best counts, since other programs disturb all of them alike."""
    contenders: dict[str, Callable[[], int]] = {
        "lxml, parsed whole and validated" if schemas else "lxml, parsed whole": lambda: _peer(path, schemas),
        "read, checked by the table": lambda: _count(_read(path, None)),
        "... and classified": lambda: _classified(path, None),
    }
    if schemas:
        contenders["read, validated and classified"] = lambda: _classified(path, schemas)
    seconds = dict.fromkeys(contenders, float("inf"))
    for _ in range(ROUNDS):
        for name, run in contenders.items():
            started = process_time()
            assert run() == REPORTS
            seconds[name] = min(seconds[name], process_time() - started)
    peer = next(iter(seconds.values()))
    size = path.stat().st_size / REPORTS / 1000
    print(f"{REPORTS:,} reports of {size:.0f} kB; best of {ROUNDS}, seconds of one processor")
    for name, taken in seconds.items():
        print(f"{name:34} {REPORTS / taken:7,.0f} reports/s {taken / peer:6.2f} times the peer")


def _peer(path: Path, schemas: Path | None) -> int:
    document = etree.parse(path)
    if schemas:
        etree.XMLSchema(etree.parse(schemas / SCHEMA)).assertValid(document)
    return int(document.xpath("count(//*[local-name() = 'PatientCareReport'])"))


def _read(path: Path, schemas: Path | None) -> Iterator[Event]:
    for event in read_nemsis(path, parse_mapping(MAPPING), PLACES, received_at=RECEIVED_AT, schemas=schemas):
        assert isinstance(event, Event)
        yield event


def _classified(path: Path, schemas: Path | None) -> int:
    definitions = [each for key, each in library().items() if key.startswith("ems-")]
    return sum(all(each.matches(event) for each in definitions) for event in _read(path, schemas))


def _count(events: Iterator[Event]) -> int:
    return sum(1 for _ in events)


def _memory(path: Path, schemas: Path | None) -> None:
    """Before the peer has run, since a process never gives back its peak."""
    before = _peak()
    reports = _count(_read(path, schemas))
    grown, size = _peak() - before, path.stat().st_size / MEGABYTE
    print(f"{reports:,} reports in a file of {size:,.0f} MB: {grown:.0f} MB more than for 10 reports")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE


if __name__ == "__main__":
    main()
