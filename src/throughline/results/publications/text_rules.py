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
_DATES = re.compile(
    rf"\b(?:{_YEAR}-[01]\d-[0-3]\d"
    rf"|[0-3]?\d (?:de )?(?:{_MONTH}),? (?:de )?{_YEAR}"
    rf"|(?:{_MONTH}) [0-3]?\d, {_YEAR}"
    rf"|(?:{_MONTH}) (?:de )?{_YEAR})\b",
    re.IGNORECASE,
)
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
                " a typed one could give away a count that is withheld. Dates such as March 7, 2026 are fine."
            ),
            params={"figure": found},
        )


def _without(text: str, names: Iterable[str]) -> str:
    """The text without the names, longest first: “Ward 18 North” goes before “Ward 18”."""
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", text, flags=re.IGNORECASE)
    return text
