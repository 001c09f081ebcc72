"""Writes the text of an agreement from the same terms that the sharing rules evaluate.

The text is in one language, whatever the reader's is: it is what the parties sign.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from throughline.evidence.agreements.clauses.library import Clause, library
from throughline.policy.sharing import Purpose

if TYPE_CHECKING:
    from django.db.models import Manager

    from throughline.evidence.agreements.models import Agreement
    from throughline.members.organizations.models import Organization

_PRECISIONS = {
    "day": "day",
    "month": "month",
    "zip3": "first three characters of its code",
    "hundredth": "hundredth of a degree",
    "band": "ten years",
}
ADDED = "The parties add: "


@dataclass(frozen=True)
class Section:
    """One heading of a text, and its paragraphs."""

    heading: str
    paragraphs: tuple[str, ...]


def write_text(agreement: "Agreement", *, number: int, version: str) -> str:
    """The whole text, version `number` of it, in the words of one version of the clause library.

    Lines that begin with `#` are headings; paragraphs are parted by empty lines. No value can make a heading: its
    line breaks become spaces.
    """
    sentences, added = sentences_of(agreement, version), agreement.clauses
    paragraphs = [
        f"# {_line(agreement.title)}",
        f"Agreement {agreement.pk}, version {number}, in the clauses of {version}.",
        *_amended(agreement),
        *_standing(agreement),
        "## Parties",
        *_parties(agreement),
    ]
    for place, clause in enumerate(clauses_of(agreement, version), start=1):
        paragraphs += [f"## {place}. {clause.heading}", sentences[clause.term]]
        if clause.term in added:
            paragraphs.append(ADDED + _line(added[clause.term]))
    return "\n\n".join(paragraphs) + "\n"


def digest_of(text: str) -> str:
    """SHA-256 of the text in UTF-8, in hexadecimal digits: what a signature binds to."""
    return hashlib.sha256(text.encode()).hexdigest()


def sentences_of(agreement: "Agreement", version: str) -> dict[str, str]:
    """Of each term, the library's sentence on it."""
    words = _words(agreement)
    return {clause.term: clause.fill(words) for clause in clauses_of(agreement, version)}


def clauses_of(agreement: "Agreement", version: str) -> list[Clause]:
    """Those of the library that such an agreement has; a memorandum shares no data."""
    return [clause for clause in library(version) if agreement.feed or not clause.shares_data]


def sections_of(text: str) -> list[Section]:
    """A text's sections, for pages: the title with what stands below it, then each heading."""
    return list(_sections(text.strip().split("\n\n")))


def _sections(paragraphs: Iterable[str]) -> Iterator[Section]:
    heading, below = "", list[str]()
    for paragraph in paragraphs:
        if paragraph.startswith("#"):
            if heading:
                yield Section(heading, tuple(below))
            heading, below = paragraph.partition(" ")[2], []
        else:
            below.append(paragraph)
    yield Section(heading, tuple(below))


def _amended(agreement: "Agreement") -> Iterator[str]:
    if agreement.amends_id:
        yield f"Once every party has signed it, it takes the place of agreement {agreement.amends_id}, at once."


def _standing(agreement: "Agreement") -> Iterator[str]:
    if agreement.parent_id:
        yield (
            f"It stands under agreement {agreement.parent_id}, or what takes its place with terms as wide, and is in "
            "force only while that is."
        )


def _parties(agreement: "Agreement") -> Iterator[str]:
    yield f"Provider: {_line(agreement.provider.name)}"
    for recipient in agreement.recipients.all():
        yield f"Recipient: {_line(recipient.name)}"


def _words(agreement: "Agreement") -> Mapping[str, str]:
    """What stands for each `{name}` of the library; empty where the terms say nothing."""
    purposes = [Purpose(purpose) for purpose in agreement.purposes]
    return {
        "feed": agreement.feed,
        "forbidden_purposes": _listed((Purpose(code).label for code in agreement.forbidden_purposes), "; "),
        "precision": _listed(
            (
                f"{_readable(name)} to the {_PRECISIONS[how]}"
                for name, how in sorted(agreement.precision.items())
            ),
            "; ",
        ),
        "rows": _listed(
            (
                f"{_readable(name)}: {_listed(map(_line, values))}"
                for name, values in sorted(agreement.rows.items())
            ),
            "; ",
        ),
        "onward_recipients": _named(agreement.onward_recipients),
        "purposes": _listed((purpose.label for purpose in purposes), "; "),
        "fields": _listed(map(_readable, agreement.fields)),
        "recipients": _named(agreement.recipients),
        "starts_on": _day(agreement.starts_on),
        "ends_on": _day(agreement.ends_on),
        "linkages": _listed(map(_line, agreement.linkages)),
        "largest_withheld": str(agreement.minimum_cell - 1) if agreement.minimum_cell > 1 else "",
        "law_enforcement": Purpose.LAW_ENFORCEMENT.label if Purpose.LAW_ENFORCEMENT in purposes else "",
        "breach_hours": _counted(agreement.breach_hours, "hour"),
        "destruction_days": _counted(agreement.destruction_days, "day"),
    }


def _named(organizations: "Manager[Organization]") -> str:
    return _listed((_line(one.name) for one in organizations.all()), "; ")


def _readable(field: str) -> str:
    return field.replace("_", " ")


def _line(words: str) -> str:
    return " ".join(words.split())


def _listed(words: Iterable[str], separator: str = ", ") -> str:
    return separator.join(words)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _day(day: date | None) -> str:
    """`7 March 2026`, whatever the reader's language."""
    return f"{day.day} {day:%B %Y}" if day else ""
