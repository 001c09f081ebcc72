"""The format of a published page: what `page.json` holds, read and written in one place.

Knows files' contents only, no database, so that the public site can read it.
"""

import csv
import io
import json
import re
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import get_language

from throughline.results.evaluation.wording import Conclusion, Facts
from throughline.science.change import Window

FORMAT = 2
GROUPS = ("here", "elsewhere", "all_places")  # rows of the table
WINDOWS = ("before", "after", "both_windows")  # its columns
WITHHELD = "withheld"
Words = dict[str, str]  # language -> text


class Unreadable(Exception):
    """A file of a publication is missing or is not what it should be."""


@dataclass(frozen=True, slots=True)
class Promise:
    """Who promised and what came of it, without persons and without the words of the promise."""

    organization: str
    due_on: date
    state: str  # kept, kept_late, dropped, open, overdue


@dataclass(frozen=True, slots=True)
class Page:
    """All that a public page shows. Counts are None where withheld; nothing is made from a withheld count."""

    slug: str
    version: int
    title: str
    summary: str
    publisher: str
    published_at: datetime
    as_of: datetime
    indicator: Words
    kind: Words
    places: list[str]  # empty where naming them could point at a person
    comparison_places: int
    months_only: bool  # then the days below are the first and last of months
    begins_on: date | None
    ends_on: date | None
    promises: list[Promise]
    before: Window
    before_days: int
    after: Window
    after_days: int
    since_help_moved: bool
    table: list[list[int | None]]
    minimum_cell: int
    conclusion: Conclusion
    ratio: float | None
    low: float | None
    high: float | None
    next_measure_on: date

    def to_json(self) -> str:
        return as_json({"format": FORMAT, **asdict(self)})

    @property
    def indicator_name(self) -> str:
        return in_language(self.indicator)

    @property
    def kind_name(self) -> str:
        return in_language(self.kind)

    @property
    def withheld(self) -> int:
        return sum(count is None for row in self.table for count in row)

    @property
    def kept(self) -> int:
        return sum(promise.state in {"kept", "kept_late"} for promise in self.promises)

    def facts(self) -> Facts:
        """What the sentence and the chart are made of."""
        (before, after, _sum), (comparison_before, comparison_after, _sums), _all = self.table
        return Facts(
            conclusion=self.conclusion,
            since_help_moved=self.since_help_moved,
            before_days=self.before_days,
            after_days=self.after_days,
            after_to_on=None if self.months_only else self.after.ends_on,
            before=before,
            after=after,
            comparison_before=comparison_before,
            comparison_after=comparison_after,
            ratio=self.ratio,
            low=self.low,
            high=self.high,
        )


@dataclass(frozen=True, slots=True)
class Listed:
    """One version in the index."""

    version: int
    published_at: datetime
    manifest_sha256: str  # what is read is checked against it


@dataclass(frozen=True, slots=True)
class Entry:
    """One publication in the index of what the public sees: its newest version, and all versions."""

    slug: str
    version: int
    title: str
    published_at: datetime
    conclusion: Conclusion
    places: list[str]
    versions: list[Listed]


def checked_slug(slug: str) -> str:
    """The slug, if it can't lead out of its folder; otherwise raises Unreadable."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", slug):
        raise Unreadable(f"“{slug}” is not the name of a publication")
    return slug


def index_to_json(entries: list[Entry]) -> str:
    return as_json({"publications": [asdict(entry) for entry in entries]})


def index_from_json(text: str) -> list[Entry]:
    """Raises Unreadable where the text is not an index."""
    try:
        return [_entry(**entry) for entry in json.loads(text)["publications"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"index.json is not a list of publications: {error!r}") from error


def _entry(
    *,
    slug: str,
    version: int,
    title: str,
    published_at: str,
    conclusion: str,
    places: list[str],
    versions: list[dict[str, Any]],
) -> Entry:
    return Entry(
        slug=checked_slug(slug),
        version=int(version),
        title=str(title),
        published_at=datetime.fromisoformat(published_at),
        conclusion=Conclusion(conclusion),
        places=[str(place) for place in places],
        versions=[_listed(**listed) for listed in versions],
    )


def _listed(*, version: int, published_at: str, manifest_sha256: str) -> Listed:
    return Listed(int(version), datetime.fromisoformat(published_at), str(manifest_sha256))


def as_json(content: dict[str, Any]) -> str:
    return json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1) + "\n"


def in_language(words: Words) -> str:
    """The text in the reader's language, or in English, or in whichever there is."""
    language = get_language() or "en"
    return words.get(language) or words.get("en") or next(iter(words.values()), "")


def page_from_json(text: str) -> Page:
    """Raises Unreadable where the text is not a page in this format."""
    try:
        return _page(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"page.json is not a published page: {error!r}") from error


def _page(content: dict[str, Any]) -> Page:
    if content.pop("format") != FORMAT:
        raise ValueError("unknown format")
    table = content["table"]
    if [len(row) for row in table] != [len(WINDOWS)] * len(GROUPS):
        raise ValueError("the table has the wrong shape")
    return Page(**content | _typed(content))


def _typed(content: dict[str, Any]) -> dict[str, Any]:
    return {
        "published_at": datetime.fromisoformat(content["published_at"]),
        "as_of": datetime.fromisoformat(content["as_of"]),
        "begins_on": _day(content["begins_on"]),
        "ends_on": _day(content["ends_on"]),
        "next_measure_on": date.fromisoformat(content["next_measure_on"]),
        "promises": [_promise(promise) for promise in content["promises"]],
        "before": _window(content["before"]),
        "after": _window(content["after"]),
        "conclusion": Conclusion(content["conclusion"]),
    }


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _window(content: dict[str, str]) -> Window:
    return Window(**{end: date.fromisoformat(day) for end, day in content.items()})


def _promise(content: dict[str, str]) -> Promise:
    return Promise(**content | {"due_on": date.fromisoformat(content["due_on"])})


def table_csv(page: Page) -> str:
    """The released counts, a row per count, withheld ones marked."""
    windows = {
        "before": _ends(page.before, page.months_only),
        "after": _ends(page.after, page.months_only),
        "both_windows": ("", ""),
    }
    rows = [
        {
            "indicator": page.indicator.get("en", ""),
            "places": group,
            "window": window,
            "from": windows[window][0],
            "to": windows[window][1],
            "count": WITHHELD if count is None else count,
            "as_of": page.as_of.isoformat(),
        }
        for group, counts in zip(GROUPS, page.table, strict=True)
        for window, count in zip(WINDOWS, counts, strict=True)
    ]
    return _csv(rows)


def _ends(window: Window, months_only: bool) -> tuple[str, ...]:
    length = len("2026-03" if months_only else "2026-03-07")
    return tuple(day.isoformat()[:length] for day in (window.starts_on, window.ends_on))


DICTIONARY = [
    ("indicator", "text", "What was counted."),
    ("places", "text", "here: the places that help went to; elsewhere: comparison places; all_places: both."),
    ("window", "text", "before: a baseline; after: the days after the answer; both_windows: their sum."),
    ("from", "date", "First day of the window, or only its month (ISO 8601); empty for both_windows."),
    ("to", "date", "Last day of the window, or only its month (ISO 8601); empty for both_windows."),
    ("count", "whole number or text", "Events; 'withheld' where publishing could point at a person."),
    ("as_of", "date and time", "Events that were known by then are counted (ISO 8601)."),
]  # fmt: skip


def data_dictionary_csv() -> str:
    return _csv([dict(zip(("column", "type", "meaning"), row, strict=True)) for row in DICTIONARY])


def _csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
