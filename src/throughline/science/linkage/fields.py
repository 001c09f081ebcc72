"""Finds out by name and content what the columns of a file of people say, and writes their values alike."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

Values = Sequence[str | None]


class Kind(StrEnum):
    GIVEN_NAME = "given_name"
    SURNAME = "surname"
    NAME = "name"
    BIRTH = "date_of_birth"
    NUMBER = "identifying_number"
    EMAIL = "e_mail"
    PHONE = "phone"
    HOUSE = "house_number"
    ADDRESS = "address"
    POSTCODE = "postcode"
    CITY = "city"
    STATE = "state"
    SEX = "sex"


class Field(NamedTuple):
    """What a column says; the second address of a person is number 2."""

    kind: Kind
    number: int = 1

    @property
    def column(self) -> str:
        return f"{self.kind}_{self.number}"


NAMED = {
    Kind.GIVEN_NAME: r"(given|first|fore)_?name|fname|name_first",
    Kind.SURNAME: r"surname|(last|family)_?name|lname|name_last",
    Kind.NAME: r"((full|patient|person)_?)?name",
    Kind.BIRTH: r"dob|birth_?(date|day)|b_?date|date_?of_?birth",
    Kind.NUMBER: r"ssn|soc(ial)?_sec(urity)?(_(id|no|num|number))?|mrn|medical_record_number|national_id|nhs_number",
    Kind.EMAIL: r"e_?mail(_address)?",
    Kind.PHONE: r"(tele)?phone(_?(number|no))?|mobile|cell(_phone)?",
    Kind.HOUSE: r"(street|house)_?(number|no)",
    Kind.ADDRESS: r"(street_?)?address(_?(line_?)?\d)?|street(_name)?|addr\d?",
    Kind.POSTCODE: r"post_?(al_?)?code|zip(_?code)?",
    Kind.CITY: r"city|town|suburb|locality",
    Kind.STATE: r"state|province",
    Kind.SEX: r"sex|gender",
}
CONTENT = {
    Kind.EMAIL: r"[^@\s]+@[^@\s]+\.[^@\s]+",
    Kind.NUMBER: r"\d{3}-\d\d-\d{4}",
    Kind.PHONE: r"\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}",
}
"""What nearly every value looks like, where the name of a column says nothing. A date may be any day of a person's."""
NEARLY_ALL = 0.9
DATES = ("%Y-%m-%d", "%Y%m%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y/%m/%d", "%m-%d-%Y")


def kinds_of(columns: Mapping[str, Values]) -> dict[str, Kind]:
    """The kind of each column that tells people apart; what isn't recognized is left out."""
    found = {name: _by_name(name) or _by_content(values) for name, values in columns.items()}
    return {name: kind for name, kind in found.items() if kind is not None}


def fields_of(columns: Mapping[str, Values]) -> dict[Field, list[str | None]]:
    """The columns that tell people apart, their values in small letters, days as in ISO 8601, numbers as digits."""
    met = Counter[Kind]()
    fields = {}
    for name, kind in kinds_of(columns).items():
        met[kind] += 1
        fields[Field(kind, met[kind])] = _alike(columns[name], kind)
    return fields


def _by_name(column: str) -> Kind | None:
    plain = re.sub(r"\W+", "_", column.lower()).strip("_")
    return next((kind for kind, names in NAMED.items() if re.fullmatch(names, plain)), None)


def _by_content(values: Values) -> Kind | None:
    told = [value for value in values if value]
    for kind, shape in CONTENT.items():
        if told and sum(bool(re.fullmatch(shape, value)) for value in told) >= NEARLY_ALL * len(told):
            return kind
    return None


def _alike(values: Values, kind: Kind) -> list[str | None]:
    plain = [" ".join(value.casefold().split()) or None if value else None for value in values]
    match kind:
        case Kind.BIRTH:
            return _each(plain, _reader_of_days(plain))
        case Kind.NUMBER | Kind.PHONE | Kind.POSTCODE:
            return _each(plain, lambda value: re.sub(r"\W", "", value) or None)
    return plain


def _each(values: Values, change: Callable[[str], str | None]) -> list[str | None]:
    return [change(value) if value else None for value in values]


def _reader_of_days(values: Values) -> Callable[[str], str]:
    """Reads the notation in which most values are days; what isn't a day stays, as a slip may be near one."""
    told = [value for value in values if value]
    notation = max(DATES, key=lambda each: sum(_day(value, each) is not None for value in told))
    return lambda value: _day(value, notation) or value


def _day(value: str, notation: str) -> str | None:
    try:
        return datetime.strptime(value, notation).date().isoformat()  # noqa: DTZ007  a day has no zone
    except ValueError:
        return None
