"""The form of a document of counts: one JSON object with its content and the signature over that.

What is signed, and hashed, is the content as canonical JSON: keys sorted, nothing between tokens, UTF-8.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from throughline.ledger.models import canonical_json

FORMAT = "throughline-counts-1"
Count = int | None  # None is withheld
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Month:
    """Counts of one month by place; `unplaced` is of what names no place, `total` of everything."""

    first_day: date
    places: Mapping[str, Count]
    unplaced: Count
    total: Count

    def cells(self) -> list[Count]:
        return [*self.places.values(), self.unplaced, self.total]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a document says. Sender and recipient are public keys; `previous` is the hash of the one before."""

    sender: str
    sender_name: str
    recipient: str
    serial: int
    previous: str
    made_at: datetime
    agreement: str  # its title
    terms: str  # its `terms_digest`
    feed: str
    indicator: str
    minimum_cell: int
    place_names: Mapping[str, str]
    months: tuple[Month, ...]

    def content(self) -> Json:
        months = [
            {"first_day": f"{month.first_day}", "places": dict(month.places), "unplaced": month.unplaced,
             "total": month.total} for month in self.months
        ]  # fmt: skip
        plain = {name: getattr(self, name) for name in _PLAIN}
        return plain | {
            "format": FORMAT,
            "made_at": self.made_at.isoformat(),
            "place_names": dict(self.place_names),
            "months": months,
        }


_PLAIN = {
    "sender": str, "sender_name": str, "recipient": str, "serial": int, "previous": str, "agreement": str,
    "terms": str, "feed": str, "indicator": str, "minimum_cell": int,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sealed:
    """A document as it came: nothing of it is to be believed before its signature is checked."""

    content: Json
    signature: str

    @property
    def signed_bytes(self) -> bytes:
        return canonical_json(self.content).encode()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.signed_bytes).hexdigest()

    def text(self) -> str:
        document = {"content": self.content, "signature": self.signature}
        return json.dumps(document, sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def sealed_from(text: str) -> Sealed:
    """Raises ValidationError for what is no such JSON."""
    try:
        document = json.loads(
            text, parse_float=_refuse, parse_constant=_refuse, object_pairs_hook=_without_repetition
        )
        content = document["content"]
        sealed = Sealed(content, _typed(document, "signature", str))
        _typed(content, "sender", str)
        sealed.signed_bytes.decode()  # refuses text that can't be written down
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise ValidationError(
            _("This is no document of counts: expected a JSON object with “content” and “signature”.")
        ) from fault
    return sealed


def counts_in(content: Json) -> Counts:
    """What a document says, whose signature holds. Raises ValidationError for a form that is not ours."""
    try:
        if content["format"] != FORMAT:
            raise ValueError(f"format {content['format']!r}")
        plain = {name: _typed(content, name, kind) for name, kind in _PLAIN.items()}
        names = _typed(content, "place_names", dict)
        return Counts(
            **plain,
            made_at=datetime.fromisoformat(content["made_at"]),
            place_names={code: _typed(names, code, str) for code in names},
            months=tuple(_month(month) for month in _typed(content, "months", list)),
        )
    except (ValueError, KeyError, TypeError) as fault:
        raise ValidationError(
            _("The document is not of the form %(format)s: %(fault)s.") % {"format": FORMAT, "fault": fault}
        ) from fault


def _month(content: Json) -> Month:
    places = _typed(content, "places", dict)
    return Month(
        date.fromisoformat(content["first_day"]),
        {code: _count(places[code]) for code in places},
        _count(content["unplaced"]),
        _count(content["total"]),
    )


def _count(value: object) -> Count:
    if value is not None and (type(value) is not int or value < 0):
        raise ValueError(f"{value!r} is no count")
    return value


def _typed(content: Json, name: str, kind: type) -> Any:
    if type(content[name]) is not kind:
        raise ValueError(f"{name} is {content[name]!r:.60}")
    return content[name]


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text} is no whole number")


def _without_repetition(pairs: list[tuple[str, Any]]) -> Json:
    """Of two values under one name others might read the other one."""
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)
