"""Tells a hotspot that goes on from a new one, and keeps what each look saw of it."""

from dataclasses import dataclass

from django.db.models import Prefetch, Q
from django.utils import timezone

from throughline.evidence.surveillance.findings import Finding
from throughline.evidence.surveillance.models import DetectionRun, Sighting
from throughline.members.places.models import Place
from throughline.signals.models import Signal

MOST = 0.5


@dataclass(frozen=True)
class Known:
    """Hotspots that share days with a finding, and the codes of the places that each was raised for.

    Places of later sightings don't count: one that was once part of a larger one would take up all that follows.
    """

    places_of: dict[Signal, set[str]]

    def tell_of(self, finding: Finding) -> bool:
        """Whether most of its cases lie in places that are told of: in one hotspot, or in several that met."""
        told: set[str] = set().union(*self.places_of.values())
        return _share_of_cases(finding, told) >= MOST

    def that_go_on_in(self, finding: Finding) -> list[Signal]:
        """Those that most of its cases lie in, and those that it has swallowed; else the nearest to that."""
        codes = {place.code for place in finding.places}
        share = {signal: _share_of_cases(finding, places) for signal, places in self.places_of.items()}
        going_on = [
            signal
            for signal, places in self.places_of.items()
            if share[signal] >= MOST or len(places & codes) >= MOST * len(places)
        ]
        return going_on or ([max(share, key=share.__getitem__)] if self.tell_of(finding) else [])


def known_hotspots(finding: Finding, indicator: str) -> Known:
    """Once a signal is closed, days after its closing are news that nobody has answered.

    A signal that was raised before sightings were kept has the days that it was raised for.
    """
    sharing_days = Q(begins_on__lte=finding.ends_on, ends_on__gte=finding.begins_on)
    seen = Sighting.objects.filter(sharing_days, run__indicator=indicator)
    unseen = Signal.objects.filter(
        sharing_days, kind=finding.kind, evidence__indicator=indicator, sightings=None
    )
    signals = Signal.objects.filter(
        Q(pk__in=seen.values("signal")) | Q(pk__in=unseen.values("pk"))
    ).prefetch_related(Prefetch("places", Place.objects.only("code")))
    return Known(
        {
            signal: {place.code for place in signal.places.all()}
            for signal in signals
            if not _begins_after_closing(finding, signal)
        }
    )


def keep_sighting(signal: Signal, finding: Finding, run: DetectionRun) -> None:
    """Within one look the stronger finding stays."""
    if signal.sightings.filter(run=run).exists():
        return
    Sighting.objects.create(
        signal=signal,
        run=run,
        begins_on=finding.begins_on,
        ends_on=finding.ends_on,
        places=[place.code for place in finding.places],
        observed=finding.evidence["observed"],
        expected=finding.evidence["expected"],
        recurrence_interval_days=finding.evidence["recurrence_interval_days"],
        is_bound=finding.evidence["is_bound"],
    )


def _begins_after_closing(finding: Finding, signal: Signal) -> bool:
    return signal.closed_at is not None and finding.begins_on > timezone.localdate(signal.closed_at)


def _share_of_cases(finding: Finding, codes: set[str]) -> float:
    lines = finding.evidence["places"]
    known = sum(line["observed"] for line in lines if line["code"] in codes)
    return float(known / max(sum(line["observed"] for line in lines), 1))
