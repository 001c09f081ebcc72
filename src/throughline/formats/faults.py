"""Says what is wrong with a file or a row, so that a person can put it right."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from throughline.formats.wording import gettext_noop as _

_LONGEST_SHOWN = 200
_VISIBLE_CONTROLS = {code: 0x2400 + code for code in range(32)} | {127: 0x2421}


class Reason(StrEnum):
    """Why a row was set aside. The list is short and fixed, so that receipts can count and translate it."""

    MISSING = _("a value is missing")
    BAD_DATE = _("the date can't be read")
    AMBIGUOUS_TIME = _("the time occurs twice, because clocks went back")
    SKIPPED_TIME = _("the time doesn't exist, because clocks went forward")
    FUTURE_DATE = _("the date is in the future")
    EARLY_DATE = _("the date is too long ago")
    BAD_COORDINATES = _("the coordinates can't be read")
    IMPOSSIBLE_COORDINATES = _("the coordinates are impossible")
    OUTSIDE = _("the point is outside all known places")
    UNKNOWN_PLACE = _("the place is not known")
    UNKNOWN_CODE = _("the code is not in the mapping")
    BAD_NUMBER = _("the number can't be read")
    OUT_OF_RANGE = _("the number is out of range")
    FORMULA = _("the cell holds a formula")
    MERGED = _("cells are merged")
    CELL_COUNT = _("the row has more or fewer cells than the header")
    SECOND_HEADER = _("the header is repeated")
    BROKEN_QUOTES = _("the quotation marks don't match")
    INVALID = _("the record breaks a rule of its standard")
    CONTROL_CHARACTER = _("the row holds a NUL character")
    DAMAGED = _("the record is damaged")
    OTHER_KIND = _("records of this kind are not received")
    TEST_DATA = _("the record is marked as a test")
    BAD_ENCODING = _("the text is in another encoding")
    WITHHELD = _("the source withheld the count")
    BROKEN_JSON = _("the JSON is broken")
    WRONG_TYPE = _("the value is of the wrong type")
    REPEATED = _("the row repeats the key of an earlier one")
    NO_RECORD = _("the record that it adds to is not known")


@dataclass(frozen=True, slots=True)
class Rejected:
    """One row that was set aside whole: `raw` maps column names to the cells' text, so that it can be read again."""

    row: int
    field: str
    value: str
    reason: Reason
    expected: str
    raw: Mapping[str, str]


class UnreadableFile(Exception):
    """A file that can't be read at all: which one, what was found in it, and what was expected."""

    def __init__(self, file: str, found: str, expected: str) -> None:
        super().__init__(f"{file}: {found}. Expected {expected}.")
        self.file = file
        self.found = found
        self.expected = expected


def shown(value: str, *, longest: int = _LONGEST_SHOWN) -> str:
    """A value fit to be shown: of bounded length, with control characters made visible.

    >>> shown("a\\x00b")
    'a␀b'
    """
    cut = value if len(value) <= longest else value[:longest] + "…"
    return cut.translate(_VISIBLE_CONTROLS)


class ValueFault(Exception):
    """A value that makes its row unusable; whoever holds the whole row turns it into a `Rejected`."""

    def __init__(self, field: str, value: str, reason: Reason, expected: str) -> None:
        super().__init__(f"{field}: {shown(value)!r}: {reason}. Expected {expected}.")
        self.field = field
        self.value = value
        self.reason = reason
        self.expected = expected
