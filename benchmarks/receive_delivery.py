"""A county's file received, with mapping, places, quarantine, warehouse, receipt and ledger, against a plain loop.

The loop is csv and INSERT into SQLite: what a script of ten lines would do. It checks nothing, finds no place, keeps
no revision and is not safe from a kill. The file is simulated in the shape of Cook County's: 7,551 rows, 1,328 tracts,
one row in twelve without a point, one in a hundred with a date that can't be.
"""

import csv
import random
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import installation

from throughline.evidence.feeds.models import Delivery
from throughline.evidence.feeds.receiving import receive_delivery
from throughline.members.organizations.models import Sector
from throughline.members.places.models import Place

ROWS, TRACTS, ROUNDS, BAR_SECONDS = 7_551, 1_328, 3, 10
COLUMNS = ["id", "happened", "age_group", "gender", "cause", "latitude", "longitude"]
CAUSES = [
    "FENTANYL TOXICITY",
    "HEROIN AND FENTANYL TOXICITY",
    "METHADONE TOXICITY",
    "ETHANOL AND COCAINE TOXICITY",
]
MAPPING = {
    "record_id": {"columns": ["id"]},
    "occurred_at": {"columns": ["happened"], "formats": ["%Y/%m/%d %H:%M:%S+00"], "time_zone": "UTC"},
    "place": {"point": {"latitude": "latitude", "longitude": "longitude"}, "nearest_within_km": 5},
    "outcome": {"constant": "fatal"},
    "age_group": {"columns": ["age_group"]},
    "sex": {"columns": ["gender"]},
    "substance_texts": [
        {
            "columns": ["cause"],
            "patterns": {name: name for name in ("fentanyl", "heroin", "methadone", "cocaine")}
            | {"alcohol": "ethanol"},
        }
    ],
}


def write_file(path: Path, seed: int) -> Path:
    draw = random.Random(seed)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in range(ROWS):
            when = datetime(2014, 1, 1, tzinfo=UTC) + timedelta(minutes=draw.randrange(3_600_000))
            day = f"{when:%Y/%m/%d %H:%M:%S}+00" if row % 100 else "2020/13/45"
            point = (
                (f"{draw.uniform(41.5, 42.1):.3f}", f"{draw.uniform(-88.2, -87.6):.3f}")
                if row % 12
                else ("", "")
            )
            person = (draw.choice(["20-29", "30-39", "40-49"]), draw.choice(["Male", "Female"]))
            writer.writerow([f"{seed}-{row}", day, *person, draw.choice(CAUSES), *point])
    return path


def tracts() -> list[Place]:
    draw = random.Random(1)
    return [
        Place(code=f"{n:05d}", name=f"Tract {n}", kind="tract", latitude=latitude, longitude=longitude)
        for n in range(TRACTS)
        for latitude, longitude in [(draw.uniform(41.5, 42.1), draw.uniform(-88.2, -87.6))]
    ]


def plain(path: Path, database: Path) -> None:
    with path.open(newline="") as file, sqlite3.connect(database) as connection:
        connection.execute(f"CREATE TABLE IF NOT EXISTS death ({', '.join(COLUMNS)})")
        rows = ([row[name] for name in COLUMNS] for row in csv.DictReader(file))
        connection.executemany(f"INSERT INTO death VALUES ({', '.join('?' * len(COLUMNS))})", rows)  # noqa: S608


def main() -> None:
    feed, folder = installation.set_up("deaths", Sector.CORONER, MAPPING, tracts()), installation.HOME
    received, looped = [], []
    for seed in range(ROUNDS):
        path = write_file(folder / f"deaths-{seed}.csv", seed)
        began = perf_counter()
        receipt, _is_new = receive_delivery(feed=feed, path=path, **installation.WHO)
        middle = perf_counter()
        plain(path, folder / "plain.sqlite3")
        looped.append(perf_counter() - middle)
        received.append(middle - began)
        check(receipt)
    ours, theirs = min(received), min(looped)
    print(f"received: {ours:.2f} s, {ROWS / ours:,.0f} rows/s; the first file {received[0]:.2f} s")
    print(f"plain loop: {theirs:.3f} s, {ROWS / theirs:,.0f} rows/s")
    print(f"received / plain: {ours / theirs:.0f} x the time; the bar is {BAR_SECONDS} s for a file")
    assert max(received) < BAR_SECONDS


def check(receipt: Delivery) -> None:
    assert receipt.rows == ROWS == receipt.accepted + receipt.quarantined
    assert receipt.quarantined == len(range(0, ROWS, 100))


if __name__ == "__main__":
    main()
