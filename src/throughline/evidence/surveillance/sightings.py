"""Tells a hotspot that goes on from a new one, and keeps what each look saw of it."""

from collections.abc import Collection
from datetime import datetime

from django.utils import timezone

from throughline.evidence.surveillance.findings import Finding
from throughline.evidence.surveillance.models import DetectionRun, Sighting
from throughline.signals.models import Signal

# A hotspot goes on where at least this share of its cases lies in places that were seen before.
SHARE_SEEN_BEFORE = 0.5


def signal_continued(finding: Finding, indicator: str, *, besides: Collection[Signal] = ()) -> Signal | None:
    """The signal of the hotspot that this finding goes on with, by the latest sighting that it fits.

    They share days, and most of the cases lie in places of that sighting. Once a signal is closed, days after its
    closing are news that nobody has answered. `besides`: signals that a stronger finding of this look goes on with.
    """
    sharing_days = Sighting.objects.filter(
        run__indicator=indicator, begins_on__lte=finding.ends_on, ends_on__gte=finding.begins_on
    ).select_related("signal")
    fitting = (
        sighting.signal
        for sighting in sharing_days
        if sighting.signal not in besides
        and not _begins_after_closing(finding, sighting.signal)
        and _share_of_cases(finding, sighting.places) >= SHARE_SEEN_BEFORE
    )
    return next(fitting, None)


def keep_sighting(signal: Signal, finding: Finding, run: DetectionRun) -> Sighting:
    """A second look at the same day replaces the first: more is known by then."""
    seen, _is_new = Sighting.objects.update_or_create(
        signal=signal,
        ends_on=finding.ends_on,
        defaults={
            "run": run,
            "begins_on": finding.begins_on,
            "places": [place.code for place in finding.places],
            **{
                name: finding.evidence[name]
                for name in ("observed", "expected", "recurrence_interval_days", "is_bound")
            },
        },
    )
    return seen


def _begins_after_closing(finding: Finding, signal: Signal) -> bool:
    closed_at: datetime | None = signal.closed_at
    return closed_at is not None and finding.begins_on > timezone.localdate(closed_at)


def _share_of_cases(finding: Finding, codes: list[str]) -> float:
    lines = finding.evidence["places"]
    known = sum(line["observed"] for line in lines if line["code"] in codes)
    return float(known / max(sum(line["observed"] for line in lines), 1))
