"""Counts the days that agreements spend in each stage: how long it takes until data may flow."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date
from statistics import median

from django.utils import timezone

from throughline.evidence.agreements.models import Agreement


@dataclass(frozen=True)
class StageDays:
    """Days in each stage; None where an agreement never was in it.

    A stage that still lasts counts up to today. A draft that is edited while it waits for signatures goes back, so
    its days up to the next sending count as drafting, or as review where it had one.
    """

    drafting: float | None
    review: float | None
    signature: float | None
    in_force: float | None


def days_in_stages(agreement: Agreement, on: date) -> StageDays:
    ended_on = min(filter(None, (on, agreement.terminated_on, agreement.superseded_on)))
    drafted_on, review_on, offered_on, signed_on = (
        timezone.localdate(instant) if instant else None
        for instant in (
            agreement.drafted_at,
            agreement.review_began_at,
            agreement.offered_at,
            agreement.signed_at,
        )
    )
    begun_on = max(signed_on, agreement.starts_on) if signed_on else None
    last_on = min(ended_on, agreement.ends_on) if agreement.ends_on else ended_on
    return StageDays(
        drafting=_days(drafted_on, review_on or offered_on or signed_on or ended_on),
        review=_days(review_on, offered_on or signed_on or ended_on),
        signature=_days(offered_on, signed_on or ended_on),
        in_force=_days(begun_on, last_on),
    )


def median_days(agreements: Iterable[Agreement], on: date) -> StageDays:
    """Of all that every party has signed."""
    signed = [astuple(days_in_stages(one, on)) for one in agreements if one.signed_at]
    columns = zip(*signed, strict=True) if signed else [()] * 4
    return StageDays(*(_median([days for days in column if days is not None]) for column in columns))


def _median(days: list[float]) -> float | None:
    return median(days) if days else None


def _days(start: date | None, end: date) -> int | None:
    return max((end - start).days, 0) if start else None
