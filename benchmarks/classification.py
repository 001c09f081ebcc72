"""Classification and daily counts of EMS-like events, as our reader does them, against plain DuckDB SQL.

The plain query is what an analyst would write over the same files: one regular expression over all codes, group by
place and day. It knows no revisions, so it counts corrected records twice. Each question runs in a process of its own,
whose processor time and largest memory are printed. `classification.py 20000000` is the size of a nation.
"""

import multiprocessing
import resource
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import process_time

import duckdb

from throughline.definitions import library
from throughline.formats.event import EVENT_FIELDS
from throughline.policy.sharing import Grant, Purpose, Request, Terms, decide
from throughline.warehouse import Warehouse, open_events

EVENTS, DELIVERIES, LIMIT_GB = 2_000_000, 20, 4.0
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
PERIOD = {"start": date(2025, 1, 1), "end": date(2025, 12, 31), "time_zone": "America/Chicago"}

# One event in 33 of each delivery is a correction of the delivery before; 3 % of the impressions are opioid poisonings,
# of which one in seven is none (T40.5); naloxone is given in 5 %, in a third of them with effect; 4 % of the
# narratives speak of an opioid, half of those deny it.
GENERATE = """
COPY (
    SELECT 'run-' || lpad(CAST(if(n % 33 = 0 AND $delivery > 0, $first - $per + n + 1, $first + n) AS VARCHAR), 10, '0')
            AS record_id,
        $start + to_seconds(($first + n) * $spacing) AS occurred_at, 'minute' AS time_quality,
        printf('%05d', CAST(60000 + random_number(n, 1, 1000) AS INT)) AS place, 'code' AS place_method,
        CAST(random_number(n, 2, 90) AS SMALLINT) AS age,
        if(random_number(n, 3, 2) = 0, 'female', 'male') AS sex, 'overdose' AS measure,
        list_filter([
            'eSituation.09=' || icd(n, 4),
            'eSituation.11=' || if(random_number(n, 5, 100) < 3, 'T40.' || random_number(n, 6, 7) || 'X1A', icd(n, 7)),
            'eSituation.12=' || icd(n, 8),
            if(random_number(n, 9, 100) < 5, 'eMedications.03=7242|991600' || (1 + 2 * random_number(n, 10, 3)), NULL)
        ], lambda code: code IS NOT NULL) AS codes,
        ['eNarrative.01=Dispatched to a ' || (20 + random_number(n, 2, 70)) || ' y/o patient, unit ' || n || '. '
            || ['Found supine, alert, skin warm and dry. ', 'Found unresponsive, RR 6. ', 'Found seated. ']
                [1 + random_number(n, 11, 3)]
            || CASE random_number(n, 12, 50) WHEN 0 THEN 'Admits to heroin. Narcan 4 mg, woke up. '
                WHEN 1 THEN 'Denies heroin or other drug use. ' ELSE 'Vitals stable, no complaints. ' END
            || 'Transported without incident.'] AS texts,
        CAST(n AS BIGINT) AS row, 1::INTEGER AS quantity, false AS deleted, md5(CAST(n AS VARCHAR)) AS content_hash,
        'ems' AS feed, 'd' || $delivery AS delivery, $received AS received_at, $received AS usable_at,
        1::INTEGER AS mapping_version
    FROM (SELECT range AS n FROM range($per))
) TO '{file}' (FORMAT parquet, COMPRESSION zstd)
"""
PLAIN = r"""
SELECT place, CAST(timezone('America/Chicago', occurred_at) AS DATE) AS day, count(*) AS events
FROM read_parquet($files)
WHERE len(list_filter(codes, lambda code: regexp_matches(code, $pattern))) > 0
GROUP BY ALL
"""
PATTERN = (
    r"^eSituation\.(?:09|10|11|12)=(?:F11.*|T40\.[0-3]X?[1-4]?A?|T40\.4.?[1-4]?A?|T40\.6[09]?[1-4]?A?)$"
    r"|^eMedications\.03=(?:7242|203192|197117)\|9916001$"
)


@dataclass(frozen=True)
class Answer:
    total: int
    seconds: float
    gigabytes: float


def generate(root: Path, events: int) -> None:
    warehouse, per = Warehouse(root), events // DELIVERIES
    with duckdb.connect(config={"memory_limit": "1GB", "preserve_insertion_order": "false"}) as database:
        database.execute(
            "CREATE MACRO random_number(n, salt, below) AS CAST(hash(n, salt) % below AS INTEGER)"
        )
        database.execute(
            "CREATE MACRO icd(n, salt) AS chr(65 + random_number(n, salt, 26)) "
            "|| printf('%02d.%d', random_number(n, salt + 100, 100), random_number(n, salt + 200, 10))"
        )
        for delivery in range(DELIVERIES):
            file = warehouse.event_file("ems", f"d{delivery}")
            file.parent.mkdir(parents=True)
            values = {"delivery": delivery, "per": per, "first": delivery * per, "start": FIRST}
            spacing = 365 * 86_400 / events
            received = FIRST + timedelta(days=365 * (delivery + 1) / DELIVERIES)
            sql = GENERATE.replace("{file}", str(file))
            database.execute(sql, values | {"spacing": spacing, "received": received})


def grant() -> Grant:
    terms = Terms(
        agreement="A-1",
        title="Simulated",
        feed="ems",
        provider="EMS",
        recipients=frozenset({"Health department"}),
        purposes=frozenset({Purpose.SURVEILLANCE}),
        fields=frozenset(EVENT_FIELDS),
        minimum_cell=10,
        starts_on=date(2025, 1, 1),
    )
    request = Request(
        "ems", "Health department", Purpose.SURVEILLANCE, frozenset(EVENT_FIELDS), date(2026, 1, 1)
    )
    granted = decide(request, [terms])
    assert isinstance(granted, Grant)
    return granted


def by_definition(root: Path, name: str | None) -> int:
    deliveries = {"ems": [f"d{delivery}" for delivery in range(DELIVERIES)]}
    with open_events(Warehouse(root), grant(), deliveries) as reader:
        return reader.daily_counts(**PERIOD, definition=library()[name] if name else None).total


def plainly(root: Path, _name: str | None) -> int:
    files = [str(path) for path in root.glob("deliveries/ems/*/events.parquet")]
    config = {"memory_limit": "2GB", "preserve_insertion_order": "false"}
    with duckdb.connect(config=config) as database:
        database.execute("SET enable_progress_bar = false")
        found = database.execute(PLAIN, {"files": files, "pattern": PATTERN}).fetchnumpy()
    return int(found["events"].sum())


def measured(ask: Callable[[Path, str | None], int], root: Path, name: str | None) -> Answer:
    began = process_time()
    total = ask(root, name)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # kilobytes on Linux
    return Answer(total, process_time() - began, peak)


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    questions = {
        "EMS definition, by day and place": (by_definition, "ems-opioid-overdose-anchored"),
        "  the same, plain SQL": (plainly, None),
        "narratives, by day and place": (by_definition, "ems-narrative-opioid-overdose"),
        "all events, by day and place": (by_definition, None),
    }
    answers = {}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        generate(root, events)
        size = sum(path.stat().st_size for path in root.rglob("*.parquet")) / 1e9
        print(f"{events:,} events in {DELIVERIES} deliveries, {size:.1f} GB")
        for question, (ask, name) in questions.items():
            with multiprocessing.get_context("spawn").Pool(1) as alone:
                answers[question] = alone.apply(measured, (ask, root, name))
            told = answers[question]
            print(
                f"{question:34}{told.total:>12,} counted{told.seconds:>8.1f} s of processor time"
                f"{told.gigabytes:>6.2f} GB at most",
                flush=True,
            )
    ours, plain, *_ = answers.values()
    print(f"ours / plain: {ours.seconds / plain.seconds:.2f} x the processor time, with revisions")
    assert ours.total < plain.total, "corrected records count once"
    assert all(answer.gigabytes < LIMIT_GB for answer in answers.values())


if __name__ == "__main__":
    main()
