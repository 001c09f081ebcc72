"""Writes down what is true of the city, so that intake, detection and evaluation can be scored against it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from throughline.city.deliveries import DeliveredFile
from throughline.city.geography import TIME_ZONE
from throughline.city.incidents import Incident, daily_counts
from throughline.city.outbreaks import Help, Outbreak


@dataclass(frozen=True)
class Truth:
    days: Sequence[date]
    outbreaks: Sequence[Outbreak]
    aid: Help
    incidents: Sequence[Incident]
    files: Sequence[DeliveredFile]

    def document(self) -> Mapping[str, Any]:
        """Everything, ready for JSON. `help` names the outbreak that was answered and what changed then."""
        return {
            "simulated": True,
            "first_day": self.days[0].isoformat(),
            "last_day": self.days[-1].isoformat(),
            "time_zone": TIME_ZONE,
            "outbreaks": [_outbreak(outbreak) for outbreak in self.outbreaks],
            "help": asdict(self.aid) | {"begins_on": self.aid.begins_on.isoformat()},
            "dead_feeds": list(_dead_feeds(self.files)),
            "files": [_file(file) for file in self.files],
            "counts": daily_counts(self.incidents),
            "incidents": list(_incidents(self.incidents, self.files)),
        }


def _outbreak(outbreak: Outbreak) -> Mapping[str, Any]:
    return asdict(outbreak) | {
        "begins_on": outbreak.begins_on.isoformat(),
        "ends_on": outbreak.ends_on.isoformat(),
        "expected": round(outbreak.expected, 3),
        "multiplier": round(outbreak.multiplier, 2),
    }


def _dead_feeds(files: Sequence[DeliveredFile]) -> Iterator[Mapping[str, str]]:
    last = {file.feed.key: file for file in files if file.feed.sends_until < 1}
    for key, file in last.items():
        yield {"feed": key, "last_file": file.path, "last_received_at": file.received_at.isoformat()}


def _file(file: DeliveredFile) -> Mapping[str, Any]:
    """What the receipt should say. Revisions are among the accepted rows; late ones among all."""
    return {
        "feed": file.feed.key,
        "file": file.path,
        "received_at": file.received_at.isoformat(),
        "refused": file.refused,
        "rows": len(file.reports),
        "accepted": file.rows("first") + file.rows("revision"),
        "revisions": file.rows("revision"),
        "duplicates": file.rows("repeat"),
        "late": file.late,
        "rejected": [
            {"row": row, "field": report.damage.field, "reason": report.damage.reason.value}
            for row, report in enumerate(file.reports, start=file.feed.header_row + 1)
            if report.damage
        ],
    }


def _incidents(incidents: Sequence[Incident], files: Sequence[DeliveredFile]) -> Iterator[Mapping[str, Any]]:
    """Each overdose with the records that agencies' accepted rows hold of it; only here do they meet."""
    records: dict[str, dict[str, str]] = {}
    for file in files:
        for report in file.reports:
            if not report.damage:
                records.setdefault(report.incident.key, {})[file.feed.key] = report.record_id
    for incident in incidents:
        yield {
            "key": incident.key,
            "at": incident.at.isoformat(),
            "place": incident.place,
            "fatal": incident.fatal,
            "outbreak": incident.outbreak,
            "records": records.get(incident.key, {}),
        }
