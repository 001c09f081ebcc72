"""Finds the column that says when, and how its dates are written."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Literal

from throughline.formats.proposal.columns import Column, rank
from throughline.formats.proposal.finding import Confidence, Finding, Part
from throughline.formats.wording import gettext_noop as _

_DATE_LIKE = 0.6
_MOST_VALUES = 2000
_PREFERRED = (
    re.compile(r"\b(incident|event|occur\w*|overdose|injury|onset|scene)"),
    re.compile(r"\b(call|dispatch\w*|alarm|notified|arriv\w*|admit\w*|admission|visit|encounter|service)"),
    re.compile(r"\b(death|died|deceased|pronounced)"),
    re.compile(r"^(date|when|time|datetime|date time|day)\b"),
    re.compile(r"date|time|when"),
)
_NEVER = re.compile(
    r"birth|\bdob\b|born|updat|modif|creat|extract|printed|report|received|entered|expir|submitted"
)
_UTC_NAME = re.compile(r"\b(utc|gmt|zulu)\b")
_CLOCK = re.compile(r"\d{1,2}:\d\d(?P<seconds>:\d\d)?(?P<half>(?P<gap> ?)[AaPp][Mm])?|(?P<packed>\d{4})")
_MOMENT = re.compile(
    r"(?:(?P<a>\d{1,4})(?P<mark>[/.-])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{2,4})|(?P<packed>\d{8})"
    r"|(?P<day>\d{1,2})(?P<joint>[ -])(?P<month>[A-Za-z]{3,9})(?P=joint)(?P<year>\d{2,4})"
    r"|(?P<first_month>[A-Za-z]{3,9}) \d{1,2}, \d{4})"
    r"(?:(?P<between>[T ])(?P<clock>\d{1,2}(?:(?::\d\d){1,2}|\d\d)(?P<fraction>\.\d{1,6})?(?: ?[AaPp][Mm])?)"
    r"(?P<zone>\+00|Z| UTC|[+-]\d\d:?\d\d)?)?"
)
_ISO_DAY = "%Y-%m-%d"
_EXAMPLE = datetime(2026, 3, 14, 14, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Dates:
    """How one column writes dates. `formats` are for strptime; `doubt` says that day and month could be swapped."""

    column: Column
    formats: tuple[str, ...]
    share: float
    doubt: bool
    swapped: int
    timed: bool
    midnight: float
    zoned: bool


def propose_dates(columns: Sequence[Column], rows: int, time_zone: str | None) -> Part:
    """The setting `occurred_at`; without it where no column holds dates. `time_zone` is where clocks are read."""
    found = sorted(_date_columns(columns), key=lambda dates: rank(dates.column, _PREFERRED))
    if not found:
        return Part(findings=(Finding("occurred_at", (), Confidence.ASK, _NO_DATES),))
    best, others = found[0], found[1:]
    clock = None if best.timed else _clock_for(best.column, columns)
    formats, findings = list(best.formats), [_chosen(best, others)]
    alternatives: list[str | list[str]] = [best.column.name]
    if clock:
        alternatives = [[best.column.name, clock.name]]
        formats = [*with_clock(best, clock), *formats]
        findings.append(Finding("occurred_at.columns", (clock.name,), Confidence.LIKELY, _CLOCK_BESIDE))
    if fallback := _fallback(best, others):
        alternatives.append(fallback.column.name)
        formats += [fmt for fmt in fallback.formats if fmt not in formats]
        facts = {"rows": rows - best.column.filled, "column": fallback.column.name}
        findings.append(
            Finding("occurred_at.columns", (fallback.column.name,), Confidence.ASK, _FALLBACK, facts)
        )
    zone = _zone(best, time_zone, findings)
    settings = {"columns": alternatives, "formats": formats, "time_zone": zone}
    if not clock and (not best.timed or best.midnight == 1):
        settings["precision"] = "day"
        findings.append(Finding("occurred_at.precision", (best.column.name,), Confidence.CERTAIN, _DAYS_ONLY))
    findings += _doubts(best)
    return Part({"occurred_at": {key: value for key, value in settings.items() if value}}, tuple(findings))


_NO_DATES = _("No column holds dates. Choose the one that says when it happened.")
_ONLY_DATE = _("It is the only column with dates: %(share)s of its values are.")
_BEST_NAME = _("Its name fits best among the columns with dates; the others are %(others)s.")
_SAME_RANK = _("Several columns could say when it happened: %(others)s fit as well.")
_CLOCK_BESIDE = _("It holds times of day, and its name goes with the date's.")
_FALLBACK = _(
    "Rows without a date there: %(rows)d. For them %(column)s is taken; remove it if it means something else."
)
_ASK_ZONE = _("The file doesn't say in which time zone its clocks are. %(zone)s is assumed.")
_UTC = _("The name or the values say that times are in UTC.")
_ZONED = _("The values carry their own distance from UTC.")
_DAYS_ONLY = _("Only the day is known: no value has a time of day.")
_DAY_OR_MONTH = _(
    "Too few dates tell whether the day or the month comes first. They are read like %(format)s."
)
_BOTH_ORDERS = _(
    "The dates are read like %(format)s. Rows that can only be read the other way round: %(rows)d."
)
_MANY_MIDNIGHTS = _(
    "%(share)s of the times are exactly midnight, which often means that the time isn't known."
)


def _chosen(best: Dates, others: Sequence[Dates]) -> Finding:
    column = (best.column.name,)
    if not others:
        return Finding("occurred_at", column, Confidence.CERTAIN, _ONLY_DATE, {"share": f"{best.share:.0%}"})
    names = ", ".join(other.column.name for other in others)
    tied = rank(best.column, _PREFERRED) == rank(others[0].column, _PREFERRED)
    confidence, wording = (Confidence.ASK, _SAME_RANK) if tied else (Confidence.LIKELY, _BEST_NAME)
    return Finding("occurred_at", column, confidence, wording, {"others": names})


def _zone(best: Dates, time_zone: str | None, findings: list[Finding]) -> str:
    column = (best.column.name,)
    if best.zoned or best.column.is_named(_UTC_NAME):
        wording = _UTC if best.column.is_named(_UTC_NAME) else _ZONED
        findings.append(Finding("occurred_at.time_zone", column, Confidence.CERTAIN, wording))
        return "UTC"
    zone = time_zone or "UTC"
    findings.append(Finding("occurred_at.time_zone", column, Confidence.ASK, _ASK_ZONE, {"zone": zone}))
    return zone


def _doubts(best: Dates) -> Iterator[Finding]:
    column, fmt = (best.column.name,), _EXAMPLE.strftime(best.formats[0] if best.formats else _ISO_DAY)
    if best.doubt:
        yield Finding("occurred_at.formats", column, Confidence.ASK, _DAY_OR_MONTH, {"format": fmt})
    if best.swapped:
        facts = {"format": fmt, "rows": best.swapped}
        yield Finding("occurred_at.formats", column, Confidence.ASK, _BOTH_ORDERS, facts)
    if 0.05 < best.midnight < 1:
        facts = {"share": f"{best.midnight:.0%}"}
        yield Finding("occurred_at.precision", column, Confidence.ASK, _MANY_MIDNIGHTS, facts)


def _date_columns(columns: Sequence[Column]) -> Iterator[Dates]:
    for column in columns:
        dates = None if column.is_named(_NEVER) else read_dates(column)
        if dates and dates.share >= _DATE_LIKE:
            yield dates


Order = Literal["month", "day"]


def read_dates(column: Column, *, first: Order | None = None) -> Dates | None:
    """How a column writes dates; None where its first values are none.

    Day or month first is decided by the values that can be read in one way only, unless told; by the month where
    they are too few.
    """
    counts = dict(islice(column.counts.items(), _MOST_VALUES))
    if not any(candidates(value) for value in islice(counts, 20)):
        return None
    readings = {value: candidates(value) for value in counts}
    orders = Counter[str]()
    for value, formats in readings.items():
        orders[_order(formats)] += counts[value]
    told = "day" if _tells(orders, "day") and orders["day"] > orders["month"] else "month"
    drop = "month" if (first or told) == "day" else "day"
    kept: Counter[str] = Counter()
    for value, formats in readings.items():
        kept.update({fmt: counts[value] for fmt in formats if _first(fmt) != drop})
    if (
        first and not kept
    ):  # no value is written in the order told: it is obeyed, and the preview shows the faults
        kept.update(dict.fromkeys((_swapped(fmt) for formats in readings.values() for fmt in formats), 1))
    total = sum(counts.values())
    times = [value for value, formats in readings.items() if formats and _is_timed(formats[0])]
    return Dates(
        column=column,
        formats=tuple(fmt for fmt, _times in kept.most_common() if not _is_iso(fmt)),
        share=min(sum(kept.values()) / total, 1.0),
        doubt=orders["either"] > 0 and not (_tells(orders, "month") or _tells(orders, "day")),
        swapped=orders[drop],
        timed=bool(times),
        midnight=sum(counts[value] for value in times if _MIDNIGHT.search(value)) / total if times else 0,
        zoned=bool(kept) and all("%z" in fmt or fmt.endswith(("+00", "UTC")) for fmt in kept),
    )


_MIDNIGHT = re.compile(r"(?<!\d)(00:00(:00)?(?!:)|12:00(:00)? ?[Aa][Mm])")


@lru_cache(maxsize=20_000)
def candidates(value: str) -> tuple[str, ...]:
    """The formats by which a text is a date: none, one, or two where day and month could be swapped."""
    match = _MOMENT.fullmatch(value)
    if match is None:
        return ()
    written = [date + _clock_format(match) for date in _date_formats(match)]
    return tuple(fmt for fmt in written if _reads(value, fmt))


def _date_formats(match: re.Match[str]) -> tuple[str, ...]:
    if match["packed"]:
        return "%Y%m%d", "%m%d%Y", "%d%m%Y"
    if match["first_month"]:
        return (f"{_month(match['first_month'])} %d, %Y",)
    if match["month"]:
        joint = match["joint"]
        return (joint.join(("%d", _month(match["month"]), _year(match["year"]))),)
    mark = match["mark"]
    if len(match["a"]) > 2:
        return (mark.join(("%Y", "%m", "%d")),)
    year = _year(match["c"])
    return mark.join(("%m", "%d", year)), mark.join(("%d", "%m", year))


def _month(name: str) -> str:
    return "%b" if len(name) == 3 else "%B"


def _year(digits: str) -> str:
    return "%Y" if len(digits) == 4 else "%y"


def _clock_format(match: re.Match[str]) -> str:
    clock = match["clock"]
    if not clock:
        return ""
    fraction = ".%f" if match["fraction"] else ""
    zone = match["zone"] or ""
    return match["between"] + _time_format(clock, fraction) + (zone if zone in ("", "+00", " UTC") else "%z")


def _time_format(clock: str, fraction: str = "") -> str:
    half = "%p" if clock[-1] in "mM" else ""
    gap = " " if half and " " in clock else ""
    mark = ":" if ":" in clock else ""
    seconds = f"{mark}%S" if clock.count(":") == 2 else ""
    return f"{'%I' if half else '%H'}{mark}%M{seconds}{fraction}{gap}{half}"


def _reads(value: str, fmt: str) -> bool:
    try:
        return datetime.strptime(value, fmt).year >= 1900  # noqa: DTZ007  only whether it can be read
    except ValueError:
        return False


def _tells(orders: Counter[str], order: str) -> bool:
    """Whether enough values can be read in one way only: of true dates six in ten can, so that a few are slips."""
    return orders[order] > 0.2 * (orders["either"] + orders[order])


def _first(fmt: str) -> str:
    """Whether a format could be confused with another, and how it settles day and month."""
    if fmt.startswith(("%m/%d", "%m-%d", "%m.%d", "%m%d")):
        return "month"
    return "day" if fmt.startswith(("%d/%m", "%d-%m", "%d.%m", "%d%m")) else ""


def _swapped(fmt: str) -> str:
    return fmt.replace("%m", "%\0").replace("%d", "%m").replace("%\0", "%d")


def _order(formats: tuple[str, ...]) -> str:
    firsts = {_first(fmt) for fmt in formats}
    return "either" if {"month", "day"} <= firsts else next(iter(firsts), "")


def _is_iso(fmt: str) -> bool:
    """Formats that are read without being named, in the form in which Python's own reader takes them."""
    return (fmt.startswith(_ISO_DAY) and "%H" in fmt and ":" in fmt and "UTC" not in fmt) or fmt == _ISO_DAY


def _is_timed(fmt: str) -> bool:
    return "%H" in fmt or "%I" in fmt


def _clock_for(date: Column, columns: Sequence[Column]) -> Column | None:
    """The column with times of day whose name shares the most words with the date's."""
    clocks = [column for column in columns if "time" in column.words and column.share(_CLOCK.fullmatch) > 0.9]
    return max(clocks, key=lambda column: _kinship(column, date), default=None)


def _kinship(one: Column, other: Column) -> int:
    return len(set(one.words.split()) & set(other.words.split()))


def with_clock(dates: Dates, clock: Column) -> Iterator[str]:
    days = dates.formats or (_ISO_DAY,)
    times = dict.fromkeys(_time_format(value) for value in clock.counts)
    yield from (f"{day} {time}" for day in days for time in times)


def _fallback(best: Dates, others: Sequence[Dates]) -> Dates | None:
    """A second column with dates that is filled where the best one is empty; both are of one kind of time."""
    holes = [n for n, cell in enumerate(best.column.cells) if not cell]
    for other in others:
        if holes and other.timed == best.timed and all(other.column.cells[n] for n in holes):
            return other
    return None
