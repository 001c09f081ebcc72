"""How fast a CSV file is read through a mapping, against a plain loop written by hand for the same file.

The loop is what an analyst would write: csv.DictReader, strptime, dictionaries of codes. It checks far less.
"""

import csv
import random
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from zoneinfo import ZoneInfo

from throughline.formats.event import Event, age_group_of
from throughline.formats.gazetteer import Gazetteer, Place
from throughline.formats.mapping import parse_mapping
from throughline.formats.tabular import read_tabular
from throughline.warehouse import Warehouse

ROWS = 100_000
ROUNDS = 3
RECEIVED_AT = datetime(2026, 1, 1, tzinfo=UTC)
ZONE = "America/Chicago"
SUBSTANCES = ("fentanyl", "heroin", "cocaine", "methamphetamine", "benzodiazepine", "alcohol")
OUTCOMES = {"Y": "nonfatal", "N": "fatal", "U": "unknown"}
RACES = {"White": "white", "Black": "black", "Asian": "asian", "Other": "other"}
NALOXONE = {"yes": True, "no": False}
CODES = [str(60600 + n) for n in range(100)]
IMPRESSIONS = {
    "T40.1X1A": 2,
    "T40.411A": 1,
    "T40.5X1A": 1,
    "R55": 30,
    "S72.001A": 30,
    "J45.901": 30,
    "": 6,
}  # in 100
NARRATIVES = {
    "Found unresponsive, RR 4, pinpoint pupils. Narcan 4 mg IN, woke up. Admits to heroin.": 2,
    "Chest pain since this morning. Denies heroin or other drug use. Aspirin given.": 2,
    "Fell from a ladder. Fentanyl 50 mcg IV for pain, splinted, transported.": 2,
    "Alert and oriented, vitals stable, refused transport.": 47,
    "Found seated, short of breath, wheezing. Albuterol given with effect.": 47,
}

DOCUMENT = {
    "record_id": {"columns": ["id"]},
    "occurred_at": {
        "columns": ["when"],
        "formats": ["%m/%d/%Y %H:%M"],
        "time_zone": ZONE,
        "nonexistent": "shift",
    },
    "place": {"code": {"columns": ["zip"], "whole_number": True, "pad_to": 5}},
    "outcome": {"columns": ["survived"], "codes": OUTCOMES},
    "age": {"columns": ["age"]},
    "sex": {"columns": ["sex"]},
    "race": {"columns": ["race"], "codes": RACES},
    "naloxone": {"columns": ["naloxone"]},
    "substance_flags": [
        {"columns": [name], "substance": name, "present": ["1"], "absent": ["0"]} for name in SUBSTANCES
    ],
    "codes": [{"columns": ["impression"], "name": "eSituation.11"}],
    "texts": [{"columns": ["narrative"], "name": "eNarrative.01"}],
}
MAPPING = parse_mapping(DOCUMENT)


def write_sample(path: Path, rows: int = ROWS) -> None:
    draw = random.Random(1)

    def one_of(shares: dict[str, int]) -> str:
        return draw.choices(list(shares), shares.values())[0]

    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        words = ("impression", "narrative")
        writer.writerow(
            ["id", "when", "zip", "survived", "age", "sex", "race", "naloxone", *SUBSTANCES, *words]
        )
        for row in range(rows):
            when = datetime(2024, 1, 1) + timedelta(minutes=draw.randrange(525_600))  # noqa: DTZ001  local
            facts = [
                f"{when:%m/%d/%Y %H:%M}",
                f"{draw.choice(CODES)}.0",
                draw.choice("YNU"),
                draw.randrange(95),
            ]
            person = [draw.choice(["Male", "Female"]), draw.choice(list(RACES)), draw.choice(list(NALOXONE))]
            flags = [draw.choice("01") for _ in SUBSTANCES]
            narrative = f"Unit {row}. {one_of(NARRATIVES)}"
            told = [one_of(IMPRESSIONS), narrative]
            writer.writerow([row, *facts, *person, *flags, *told])


def plain(path: Path) -> Iterator[Event]:
    zone = ZoneInfo(ZONE)
    with path.open(newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            when = datetime.strptime(row["when"], "%m/%d/%Y %H:%M").replace(tzinfo=zone).astimezone(UTC)
            zip_code = row["zip"].removesuffix(".0").zfill(5)
            yield Event(
                record_id=row["id"],
                occurred_at=when,
                place=zip_code if zip_code in CODES else None,
                place_method="code",
                outcome=OUTCOMES[row["survived"]],
                age=int(row["age"]),
                age_group=age_group_of(int(row["age"])),
                sex=row["sex"].lower(),
                race=RACES[row["race"]],
                naloxone=NALOXONE[row["naloxone"]],
                substances=tuple(name for name in SUBSTANCES if row[name] == "1"),
                codes=(f"eSituation.11={row['impression']}",) if row["impression"] else (),
                texts=(f"eNarrative.01={row['narrative']}",),
                row=number,
            )


def mapped(path: Path) -> Iterator[Event]:
    gazetteer = Gazetteer(Place(code, 41.0, -87.0) for code in CODES)
    for event in read_tabular(path, MAPPING, gazetteer, received_at=RECEIVED_AT):
        assert isinstance(event, Event), event
        yield event


def staged(path: Path) -> Iterator[Event]:
    """Read and write: what the whole of an intake costs besides the database."""
    with tempfile.TemporaryDirectory() as root:
        store = Warehouse(root)
        with store.stage(
            "f", "d", received_at=RECEIVED_AT, usable_at=RECEIVED_AT, mapping_version=1
        ) as stage:
            for event in mapped(path):
                stage.add(event)
                yield event
            stage.finish(original=path)


def seconds(read: Callable[[Path], Iterator[Event]], path: Path) -> float:
    started = process_time()
    assert sum(1 for _ in read(path)) == ROWS
    return process_time() - started


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample.csv"
        write_sample(path)
        differing = sum(a != b for a, b in zip(plain(path), mapped(path), strict=True))
        times = {read: min(seconds(read, path) for _ in range(ROUNDS)) for read in (plain, mapped, staged)}
    for read, taken in times.items():
        print(f"{read.__name__:8}{ROWS / taken:>10,.0f} rows/s of one processor")
    print(f"mapped / plain: {times[mapped] / times[plain]:.2f} x the time")
    print(
        f"{differing} events differ, in the hours that clocks repeat or skip, which the loop does not notice"
    )


if __name__ == "__main__":
    main()
