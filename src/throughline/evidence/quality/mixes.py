"""Lines about the mix of values in a field: whether it has changed, by which value, and what is new."""

from collections.abc import Iterator, Mapping, Sequence

from django.utils.translation import gettext as _

from throughline.evidence.quality.lines import Line, by_limit, field_name, percent, worse
from throughline.evidence.quality.measures import Measures
from throughline.evidence.quality.shares import may_be_shown
from throughline.evidence.quality.verdicts import LIMITS, SURE, Verdict
from throughline.formats.event import UNKNOWN
from throughline.science.drift import LEAST_EXPECTED, RARE, Drift, Shift, appeared, mix_drift
from throughline.warehouse import Mix

ENOUGH = 100  # records of a reference period: with fewer, every code is new
NAMED = 5  # new values that a line names


def drift_lines(measured: Measures) -> list[Line]:
    """One line for each field and element that has more than one value."""
    return [
        _drifted(name, mix, measured)
        for name, mix in measured.mixes.items()
        if len({*mix.reference, *mix.latest}) > 1
    ]


def _drifted(field: str, mix: Mix, measured: Measures) -> Line:
    name = _("Mix of “%(field)s”") % {"field": field_name(field)}
    drift, new = mix_drift(mix.reference, mix.latest), _new_values(mix, measured.minimum_cell)
    if drift is None and not new:
        return Line(name, _("too few records"), Verdict.UNTOLD)
    verdict = worse(_verdict(drift), Verdict.LOOK if new else Verdict.GOOD)
    if verdict is Verdict.GOOD:
        return Line(name, _("as before"), verdict, _limits())
    said = " ".join(_sentences(field, drift, new, mix, measured))
    request = _("%(field)s has changed. %(how)s Was something changed in how it is recorded?")
    facts = {"field": name, "how": said}
    return Line(name, _("changed"), verdict, _limits(), detail=said, request=request % facts)


def _sentences(
    field: str, drift: Drift | None, new: Sequence[str], mix: Mix, measured: Measures
) -> Iterator[str]:
    """What changed most, and which other values nobody had sent before."""
    most = drift.shifts[0] if drift and _verdict(drift) is not Verdict.GOOD else None
    if most:
        yield _said(field, most, mix, measured)
    if others := [value for value in new if not (most and value == most.value)]:
        yield _("New: %(values)s.") % {"values": ", ".join(others)}


def _limits() -> str:
    limit = LIMITS["drift"]
    return _(
        "changed from %(good)s bits on, if chance gives as much in fewer than 1 of 100 months; we ask from %(ask)s"
    ) % {
        "good": limit.good,
        "ask": limit.ask,
    }


def _verdict(drift: Drift | None) -> Verdict:
    if drift is None or drift.p_value >= SURE:
        return Verdict.GOOD
    return by_limit("drift", drift.divergence)


def _new_values(mix: Mix, minimum_cell: int) -> list[str]:
    if sum(mix.reference.values()) < ENOUGH:
        return []
    return appeared(mix.reference, mix.latest, least=max(LEAST_EXPECTED, minimum_cell))[:NAMED]


def _said(field: str, shift: Shift, mix: Mix, measured: Measures) -> str:
    """With figures only where they single nobody out beside the share that is known."""
    rises = shift.residual > 0
    if shift.value == RARE:
        return _("Rare values are more frequent.") if rises else _("Rare values are less frequent.")
    if not _figures_may_be_shown(field, shift, mix, measured):
        sentence = _("“%(value)s” is more frequent.") if rises else _("“%(value)s” is less frequent.")
        return sentence % {"value": shift.value}
    sentence = (
        _("“%(value)s” rose from %(before)s to %(now)s.")
        if rises
        else _("“%(value)s” fell from %(before)s to %(now)s.")
    )
    return sentence % {
        "value": shift.value,
        "before": percent(shift.reference / sum(mix.reference.values())),
        "now": percent(shift.latest / sum(mix.latest.values())),
    }


def _figures_may_be_shown(field: str, shift: Shift, mix: Mix, measured: Measures) -> bool:
    complete = measured.complete.get(field)
    if complete is not None and None in complete.shares:
        return False
    return all(
        may_be_shown(
            *_parts(counts, shift.value), of=sum(counts.values()), minimum_cell=measured.minimum_cell
        )
        for counts in (mix.reference, mix.latest)
    )


def _parts(counts: Mapping[str, int], value: str) -> list[int]:
    return [counts.get(name, 0) for name in dict.fromkeys((value, UNKNOWN))]
