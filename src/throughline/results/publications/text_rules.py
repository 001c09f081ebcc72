"""Keeps figures out of the words that people type for a publication: one could be a withheld count.

Every figure on a public page is made from released cells. Words typed by people may hold dates and the names
of the places and organizations concerned, and no other number, in digits or spelled out.
"""

import re
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_MONTH = (
    "January|February|March|April|May|June|July|August|September|October|November|December|"
    "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
)
_YEAR = r"20\d\d"
_DAY = (
    rf"{_YEAR}-[01]\d-[0-3]\d"
    rf"|[0-3]?\d (?:de )?(?:{_MONTH}),? (?:de )?{_YEAR}"
    rf"|(?:{_MONTH}) [0-3]?\d, {_YEAR}"
)
_DAYS = re.compile(rf"\b(?:{_DAY})\b", re.IGNORECASE)
_DATES = re.compile(rf"\b(?:{_DAY}|(?:{_MONTH}) (?:de )?{_YEAR})\b", re.IGNORECASE)
# "un" and "una" are Spanish articles and can't be refused; "uno" can.
_SPELLED = re.compile(
    r"\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
    r"|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|dozen|single|pair|couple|twice"
    r"|cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince"
    r"|dieci\w+|veint\w+|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa|cien|ciento|docena|par)\b",
    re.IGNORECASE,
)


def refuse_figures(text: str, *, names: Iterable[str]) -> None:
    """Raise ValidationError for a figure in `text` that is neither in a date nor in one of `names`."""
    rest = _DATES.sub(" ", _without(text, names))
    figure = _SPELLED.search(rest) or re.search(r"\S*\d\S*", rest)
    found = figure.group() if figure else next((mark for mark in rest if mark.isnumeric()), "")
    if found:
        raise ValidationError(
            _(
                "“%(figure)s” is a figure. Leave figures out: the page adds those that may be published, and"
                " a typed one could give away a count that is withheld. Months such as March 2026 are fine."
            ),
            params={"figure": found},
        )


def refuse_whereabouts(text: str, *, hidden: Iterable[str], names: Iterable[str]) -> None:
    """Raise ValidationError for a day, or for a `hidden` place outside the `names` that may be read, in `text`."""
    rest = _without(text, names)
    day = _DAYS.search(rest)
    places = (_named(name).search(rest) for name in hidden if name)
    found = day or next(filter(None, places), None)
    if found:
        raise ValidationError(
            _(
                "“%(found)s” says where or when it was, of events so few that it could point at a person. Name"
                " no place of the signal, and months instead of days, such as March 2026."
            ),
            params={"found": found.group()},
        )


def _without(text: str, names: Iterable[str]) -> str:
    """The text without the names, longest first: “Ward 18 North” goes before “Ward 18”."""
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = _named(name).sub(" ", text)
    return text


def _named(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
