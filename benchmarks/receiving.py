"""A million rows received: mapping, checks, places, warehouse, receipt and ledger, on SQLite.

Against a plain loop over the same file: csv, datetime.strptime and INSERT into SQLite, which checks nothing, finds no
place, keeps no revision and isn't safe from a kill. The file is `receive.py`'s, 14 columns, simulated.
"""

import os
import sqlite3
import tempfile
from csv import DictReader
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time

import receive

HOME = tempfile.TemporaryDirectory(prefix="throughline-benchmark-")
os.environ |= {
    "DATABASE_URL": f"sqlite:///{HOME.name}/throughline.sqlite3",
    "DJANGO_SETTINGS_MODULE": "throughline.config.settings",
    "THROUGHLINE_DEBUG": "yes",
    "THROUGHLINE_HOME": HOME.name,
}

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402

from throughline.evidence.feeds.actions import add_feed, save_mapping  # noqa: E402
from throughline.evidence.feeds.models import Delivery, Feed  # noqa: E402
from throughline.evidence.feeds.receiving import receive_delivery  # noqa: E402
from throughline.members.organizations.actions import add_organization  # noqa: E402
from throughline.members.organizations.models import Sector  # noqa: E402
from throughline.members.places.models import Place  # noqa: E402

ROWS, BAR_SECONDS = 1_000_000, 60
AT = datetime(2026, 1, 1, tzinfo=UTC)
WHO = {"by": "system:benchmark", "at": AT}


def set_up() -> Feed:
    call_command("migrate", verbosity=0)
    Place.objects.bulk_create(
        Place(code=code, name=code, kind="zip", latitude=41.0, longitude=-87.0) for code in receive.CODES
    )
    agency = add_organization(name="EMS agency", sector=Sector.EMS, is_backbone=False, **WHO)
    feed = add_feed(key="ems", name="EMS runs", provider=agency, **WHO)
    save_mapping(feed=feed, definition=receive.DOCUMENT, **WHO)
    return feed


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
    feed, path = set_up(), Path(HOME.name) / "runs.csv"
    receive.write_sample(path, rows=ROWS)
    began, used = perf_counter(), process_time()
    receipt, _is_new = receive_delivery(feed=feed, path=path, **WHO)
    ours, own = perf_counter() - began, process_time() - used
    check(receipt)
    used = process_time()
    plain(path, Path(HOME.name) / "plain.sqlite3")
    theirs = process_time() - used
    print(
        f"received: {ROWS:,} rows in {ours:.1f} s, {own:.1f} s of one processor; the bar is {BAR_SECONDS} s"
    )
    print(f"plain loop: {theirs:.1f} s of one processor")
    print(f"received / plain: {own / theirs:.1f} x the time")
    assert own < BAR_SECONDS


def check(receipt: Delivery) -> None:
    assert receipt.rows == ROWS == receipt.accepted + receipt.quarantined, receipt.reasons


if __name__ == "__main__":
    main()
