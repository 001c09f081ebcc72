"""Writes the agreements under which the eight agencies share their data with the coalition."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from throughline.city.feeds import (
    emergency_departments,
    ems,
    jail,
    medical_examiner,
    naloxone_programme,
    police,
)
from throughline.city.organizations import BACKBONE, HEALTH_DEPARTMENT, TREATMENT_NETWORK

_EVERY_USE = ("surveillance", "response", "evaluation", "publication", "quality")
_BASE = ("record_id", "occurred_at", "time_quality", "place", "place_method", "outcome")
_PERSON = ("age_group", "sex", "race", "ethnicity")
_CLINICAL = ("substances", "naloxone")
_CLASSIFYING = ("codes", "texts")  # what a case definition looks at


@dataclass(frozen=True)
class _Plan:
    feed: str
    provider: str
    title: str
    purposes: Sequence[str]
    fields: Sequence[str]
    minimum_cell: int = 10
    recipients: Sequence[str] = (BACKBONE,)
    ends_after_days: int = 500


_PLANS = (
    _Plan(
        ems.FEED.key,
        ems.PROVIDER,
        "Ambulance runs",
        _EVERY_USE,
        (*_BASE, "latitude", "longitude", *_PERSON, *_CLINICAL, *_CLASSIFYING),
        recipients=(BACKBONE, HEALTH_DEPARTMENT),
    ),
    _Plan(
        medical_examiner.FEED.key,
        medical_examiner.PROVIDER,
        "Deaths from drug toxicity",
        _EVERY_USE,
        (*_BASE, "manner", *_PERSON, *_CLINICAL),
        recipients=(BACKBONE, HEALTH_DEPARTMENT),
    ),
    _Plan(
        emergency_departments.NORTH.key,
        emergency_departments.NORTH_PROVIDER,
        "Emergency visits for overdoses, Northgate",
        _EVERY_USE,
        (*_BASE, *_PERSON, *_CLINICAL),
        minimum_cell=11,
    ),
    _Plan(
        emergency_departments.SOUTH.key,
        emergency_departments.SOUTH_PROVIDER,
        "Emergency visits for overdoses, Southbank",
        ("surveillance", "response", "evaluation", "quality"),
        (*_BASE, "age_group", "sex", *_CLINICAL),
        minimum_cell=11,
        ends_after_days=45,
    ),
    _Plan(
        police.FEED.key,
        police.PROVIDER,
        "Calls to suspected overdoses",
        ("surveillance", "response", "evaluation", "quality"),
        (*_BASE, "latitude", "longitude", "age_group", "sex", *_CLINICAL),
    ),
    _Plan(
        jail.FEED.key,
        jail.PROVIDER,
        "Overdoses told at intake screening",
        ("response",),
        (*_BASE, "age_group", "sex"),
    ),
    _Plan(
        naloxone_programme.FEED.key,
        naloxone_programme.PROVIDER,
        "Community naloxone reversals",
        _EVERY_USE,
        (*_BASE, "age_group", *_CLINICAL),
    ),
    _Plan(
        "treatment-intake",
        TREATMENT_NETWORK,
        "Overdoses told at treatment intake",
        ("response", "evaluation", "quality"),
        (*_BASE, "age_group", "sex", *_CLINICAL),
        minimum_cell=20,
        ends_after_days=21,
    ),
)
NOTICE = timedelta(days=60)
"""How long before the first day of data the agreements begin."""


def write_agreements(days: Sequence[date]) -> list[Mapping[str, Any]]:
    """All eight. The jail's allows nothing but response; two lapse soon after the last day."""
    return [_document(plan, days) for plan in _PLANS]


def _document(plan: _Plan, days: Sequence[date]) -> Mapping[str, Any]:
    starts_on, ends_on = days[0] - NOTICE, days[-1] + timedelta(days=plan.ends_after_days)
    terms = asdict(plan)
    del terms["ends_after_days"]
    return terms | {"starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat()}
