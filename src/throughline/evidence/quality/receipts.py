"""What became of the rows that came in a period, by the feed's receipts."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from throughline.evidence.feeds.models import Delivery, Door, Feed
from throughline.evidence.quality.periods import Period


@dataclass(frozen=True)
class Receipts:
    """Sums over files; a row that was set aside and mended later counts as `mended`."""

    files: int = 0
    rows: int = 0
    accepted: int = 0
    duplicates: int = 0
    revisions: int = 0
    deleted: int = 0
    quarantined: int = 0
    unplaced: int = 0
    mended: int = 0

    @property
    def valid_share(self) -> float | None:
        return (self.rows - self.quarantined) / self.rows if self.rows else None

    @property
    def repeated_share(self) -> float | None:
        return self.duplicates / self.rows if self.rows else None

    @property
    def placed_share(self) -> float | None:
        return 1 - self.unplaced / self.accepted if self.accepted else None


@dataclass(frozen=True)
class ReasonLine:
    """Rows set aside for one reason: in the month, and in the twelve months before, per 1,000 rows that came."""

    field: str
    reason: str
    rows: int
    per_thousand: float
    before: float | None


_SUMS = ("rows", "accepted", "duplicates", "revisions", "deleted", "quarantined", "unplaced")


def files_of(feed: Feed, start: date, end: date) -> QuerySet[Delivery]:
    """Files that the agency handed over from `start` to `end`, both included, the oldest first."""
    came = feed.deliveries.standing().filter(replay_of=None)
    return came.filter(received_at__date__range=(start, end)).order_by("received_at", "recorded_at")


def receipts(feed: Feed, period: Period) -> tuple[Receipts, Receipts]:
    """What came in the month, and in the twelve months before; rows that were mended are told of the month."""
    found = {False: Receipts(), True: Receipts()}
    sums = (
        _files(feed, period)
        .values("in_month")
        .annotate(files=Count("pk"), **{name: Sum(name) for name in _SUMS})
    )
    for line in sums:
        in_month = line.pop("in_month")
        found[in_month] = Receipts(**line, mended=_mended(feed, period) if in_month else 0)
    return found[True], found[False]


def _files(feed: Feed, period: Period) -> QuerySet[Delivery]:
    """Files of the month and of the twelve months before, told apart by `in_month`, in no order."""
    files = files_of(feed, period.compared_from, period.ends_on).order_by()
    return files.annotate(in_month=Q(received_at__date__gte=period.starts_on))


def _mended(feed: Feed, period: Period) -> int:
    came = files_of(feed, period.starts_on, period.ends_on)
    replays = Delivery.objects.standing().filter(replay_of__in=came.values("pk"), door=Door.REPLAY)
    rows = replays.aggregate(all=Sum("rows", default=0), still=Sum("quarantined", default=0))
    return int(rows["all"] - rows["still"])


def valid_by_month(feed: Feed, period: Period) -> list[tuple[date, float]]:
    """The share of rows that were not set aside, for each month in which files came."""
    by_month = (
        files_of(feed, period.compared_from, period.ends_on)
        .order_by()
        .annotate(month=TruncMonth("received_at"))
        .values("month")
        .annotate(came=Sum("rows"), set_aside=Sum("quarantined"))
        .order_by("month")
    )
    return [(line["month"].date(), 1 - line["set_aside"] / line["came"]) for line in by_month if line["came"]]


def reason_lines(feed: Feed, period: Period, came: Receipts, before: Receipts) -> list[ReasonLine]:
    """Why rows were set aside, the commonest reason first. `before`: of the twelve months before."""
    now, earlier = _reasons(_files(feed, period))
    return [
        ReasonLine(
            field=field,
            reason=reason,
            rows=rows,
            per_thousand=1000 * rows / came.rows,
            before=1000 * earlier[field, reason] / before.rows if before.rows else None,
        )
        for (field, reason), rows in now.most_common()
    ]


def _reasons(files: QuerySet[Delivery]) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """Rows by field and reason: in the month, and before."""
    found: dict[bool, Counter[tuple[str, str]]] = {True: Counter(), False: Counter()}
    for in_month, reasons in files.values_list("in_month", "reasons"):
        for line in reasons:
            found[in_month][line["field"], line["reason"]] += line["rows"]
    return found[True], found[False]
