"""What a person reported on a form, so that they can correct it or take it back."""

import csv
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from throughline.evidence.feeds.models import Door, Feed, Intake
from throughline.evidence.feeds.queries import warehouse
from throughline.members.accounts.models import Person

_MOST = 20


def own_reports(feed: Feed, person: Person) -> list[Intake]:
    """This person's last reports that were received, the newest first; of each its newest version.

    Versions of one report come in files of one name.
    """
    sent = feed.intakes.filter(door=Door.FORM, handed_over_by=person, delivery__withdrawn_at=None)
    received = sent.exclude(delivery=None).select_related("delivery").order_by("handed_over_at")
    newest = {intake.file_name: intake for intake in received}
    return sorted(newest.values(), key=_handed_over_at, reverse=True)[:_MOST]


def answers_of(report: Intake) -> dict[str, Any]:
    """What was answered, by the name of each question."""
    path = warehouse().original(report.feed.key, str(report.delivery_id))
    with path.open(encoding="utf-8", newline="") as file:
        answers: dict[str, Any] = next(csv.DictReader(file))
    return answers | {"occurred_at": parse_datetime(answers["occurred_at"])}


def _handed_over_at(report: Intake) -> datetime:
    return report.handed_over_at
