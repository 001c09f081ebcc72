"""A million rows received and classified: mapping, checks, places, warehouse, receipt, counts by definition.

Against a plain loop over the same file: csv, datetime.strptime and INSERT into SQLite, which checks nothing, finds no
place, keeps no revision, knows no case and isn't safe from a kill. The file is `receive.py`'s, 16 columns, simulated:
three in a hundred impressions are opioid poisonings; six in a hundred narratives name an opioid, two of them an
overdose, two a denial, two a painkiller. The definition that counts the feed is the official one, of codes; what the
one that reads narratives costs besides is printed too.
"""

import sqlite3
from csv import DictReader
from datetime import date, datetime
from pathlib import Path
from time import perf_counter, process_time

import installation
import receive

from throughline.definitions import library
from throughline.evidence.feeds.models import Delivery, Feed
from throughline.evidence.feeds.queries import committed_deliveries, warehouse
from throughline.evidence.feeds.receiving import receive_delivery
from throughline.formats.event import EVENT_FIELDS
from throughline.members.organizations.models import Sector
from throughline.members.places.models import Place
from throughline.policy.sharing import Purpose, Request, own_feed
from throughline.warehouse import open_events

ROWS, BAR_SECONDS = 1_000_000, 60
PERIOD = {"start": date(2024, 1, 1), "end": date(2024, 12, 31), "time_zone": receive.ZONE}
BY_CODES, BY_WORDS = "ems-opioid-overdose-anchored", "ems-narrative-opioid-overdose"


def zip_areas() -> list[Place]:
    return [Place(code=code, name=code, kind="zip", latitude=41.0, longitude=-87.0) for code in receive.CODES]


def cases(feed: Feed, definition: str) -> int:
    """Events that meet a definition, counted for every day and place."""
    agency, fields = feed.provider.name, frozenset(EVENT_FIELDS)
    grant = own_feed(Request(feed.key, agency, Purpose.QUALITY, fields, date(2026, 1, 1)), provider=agency)
    with open_events(warehouse(), grant, {feed.key: committed_deliveries(feed)}) as events:
        return events.daily_counts(**PERIOD, definition=library()[definition]).total


def plain(path: Path, database: Path) -> None:
    with path.open(newline="") as file, sqlite3.connect(database) as connection:
        reader = DictReader(file)
        names = [f'"{name}"' for name in reader.fieldnames or ()]
        connection.execute(f"CREATE TABLE run ({', '.join(names)})")
        marks = ", ".join("?" * len(names))
        connection.executemany(f"INSERT INTO run VALUES ({marks})", map(dated, reader))  # noqa: S608


def dated(row: dict[str, str]) -> list[str]:
    return [row["id"], datetime.strptime(row["when"], "%m/%d/%Y %H:%M").isoformat(), *list(row.values())[2:]]  # noqa: DTZ007


def main() -> None:
    feed = installation.set_up("ems", Sector.EMS, receive.DOCUMENT, zip_areas())
    path = installation.HOME / "runs.csv"
    receive.write_sample(path, rows=ROWS)
    began, started = process_time(), perf_counter()
    receipt, _is_new = receive_delivery(feed=feed, path=path, **installation.WHO)
    by_codes = cases(feed, BY_CODES)
    ours, wall = process_time() - began, perf_counter() - started
    began = process_time()
    by_words = cases(feed, BY_WORDS)
    words = process_time() - began
    check(receipt, by_codes, by_words)
    began = process_time()
    plain(path, installation.HOME / "plain.sqlite3")
    theirs = process_time() - began
    print(f"received and classified: {ROWS:,} rows in {wall:.1f} s, {ours:.1f} s of processor time")
    print(f"the bar is {BAR_SECONDS} s; {by_codes:,} cases by codes")
    print(f"classified by narratives besides: {words:.1f} s of processor time; {by_words:,} cases")
    print(f"plain loop: {theirs:.1f} s; received and classified / plain: {ours / theirs:.1f} x the time")
    assert ours < BAR_SECONDS


def check(receipt: Delivery, by_codes: int, by_words: int) -> None:
    assert receipt.rows == ROWS == receipt.accepted + receipt.quarantined, receipt.reasons
    assert 0.028 < by_codes / ROWS < 0.032
    assert 0.018 < by_words / ROWS < 0.022


if __name__ == "__main__":
    main()
