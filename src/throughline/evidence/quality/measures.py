"""Reads what the events of a feed say about its quality, under a grant for exactly that purpose."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.utils import timezone

from throughline.evidence.agreements.actions import grant_or_refuse
from throughline.evidence.agreements.queries import fields_shared
from throughline.evidence.feeds.models import Feed
from throughline.evidence.feeds.queries import committed_deliveries, warehouse
from throughline.evidence.quality.periods import Period
from throughline.evidence.quality.shares import MonthlyShares, monthly_shares
from throughline.members.accounts.models import Person
from throughline.policy.sharing import Grant, Purpose
from throughline.warehouse import Completeness, Delays, Lookalikes, Mix, QualityReader
from throughline.warehouse.quality import LIKE_FIELDS

LOOKALIKE_FIELDS = {*LIKE_FIELDS, "time_quality"}

COMPLETE_FIELDS = (
    "place", "outcome", "manner", "age", "age_group", "sex", "race", "ethnicity", "substances", "naloxone",
    "latitude", "cause", "codes", "texts",
)  # fmt: skip
MIXED_FIELDS = (
    "time_quality", "place_method", "outcome", "manner", "age_group", "sex", "race", "ethnicity", "substances",
    "naloxone", "measure", "codes",
)  # fmt: skip
_MEASURED = LOOKALIKE_FIELDS.union(COMPLETE_FIELDS, MIXED_FIELDS)


@dataclass(frozen=True)
class Measures:
    """What was read about one period; parts whose fields the agreement doesn't share are missing, or None.

    `records` and `delays` are of the period's month. `mixes` has one entry for each field, and for codes one for
    each element, such as eSituation.11.
    """

    minimum_cell: int
    records: int
    complete: Mapping[str, MonthlyShares]
    mixes: Mapping[str, Mix]
    delays: Delays
    lookalikes: Lookalikes | None


def measure_events(feed: Feed, period: Period, *, by: Person, at: datetime) -> Measures:
    """Raises Refused where no agreement lets this person's organization check the feed's quality."""
    grant = grant_or_refuse(
        feed=feed.key,
        provider=feed.provider,
        reader=by.organization,
        purpose=Purpose.QUALITY,
        fields=_wanted(feed, by, at),
        by=by,
        at=at,
    )
    return _read_once(grant, tuple(committed_deliveries(feed)), period)


@lru_cache(maxsize=64)
def _read_once(grant: Grant, deliveries: tuple[str, ...], period: Period) -> Measures:
    """Deliveries never change, so that their counts needn't be made anew for the letter, or for the next visitor."""
    with QualityReader.open(warehouse(), grant, {grant.feed: deliveries}) as events:
        return _measured(events, period, grant.minimum_cell)


def _wanted(feed: Feed, by: Person, at: datetime) -> frozenset[str]:
    """All that is measured and shared. Where nothing is, the one field that every measure needs: it will be refused."""
    shared = fields_shared(
        feed.key,
        provider=feed.provider,
        reader=by.organization,
        purpose=Purpose.QUALITY,
        on=timezone.localdate(at),
    )
    return shared & _MEASURED | {"occurred_at"}


def _measured(events: QualityReader, period: Period, minimum_cell: int) -> Measures:
    zone = timezone.get_default_timezone_name()
    year = {"start": period.compared_from, "end": period.ends_on, "time_zone": zone}
    month = {**year, "start": period.starts_on}
    events.load(events.fields & _MEASURED)
    counted = events.completeness(events.fields & set(COMPLETE_FIELDS), **year)
    mixed = events.fields & set(MIXED_FIELDS)
    return Measures(
        minimum_cell=minimum_cell,
        records=dict(zip(counted.months, counted.records.tolist(), strict=True)).get(period.starts_on, 0),
        complete=_shares(counted, period, minimum_cell),
        mixes=dict(_by_element(events.mixes(mixed, latest=period.starts_on, **year))) if mixed else {},
        delays=events.delays(**month),
        lookalikes=events.lookalikes(**month) if events.fields.issuperset(LOOKALIKE_FIELDS) else None,
    )


def _shares(counted: Completeness, period: Period, minimum_cell: int) -> dict[str, MonthlyShares]:
    """In the order of the list of fields; months end with the period's, also where it has no records."""
    missing = [] if period.starts_on in counted.months else [0]
    months = [*counted.months, *([period.starts_on] if missing else [])]
    records = [*counted.records.tolist(), *missing]
    return {
        name: monthly_shares(
            months, [*counted.known[name].tolist(), *missing], records, minimum_cell=minimum_cell
        )
        for name in COMPLETE_FIELDS
        if name in counted.known
    }


def _by_element(mixes: Mapping[str, Mix]) -> Iterator[tuple[str, Mix]]:
    """Codes stand behind their elements, and each element has a mix of its own."""
    for name in MIXED_FIELDS:
        if name in mixes and name != "codes":
            yield name, mixes[name]
    codes = mixes.get("codes", Mix({}, {}))
    elements = sorted({code.partition("=")[0] for code in {*codes.reference, *codes.latest} if "=" in code})
    for element in elements:
        yield element, Mix(_of_element(codes.reference, element), _of_element(codes.latest, element))


def _of_element(counts: Mapping[str, int], element: str) -> dict[str, int]:
    return {code.partition("=")[2]: count for code, count in counts.items() if code.startswith(f"{element}=")}
