"""Finds, in a table without persons, the column that says how many: naloxone kits, free places."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from throughline.formats.event import OVERDOSE
from throughline.formats.proposal.columns import Column, named
from throughline.formats.proposal.finding import Confidence, Finding, Part
from throughline.formats.proposal.words import MEASURES, unknown_codes, word_rule
from throughline.formats.wording import gettext_noop as _

OF_PERSONS = frozenset({"age", "age_group", "sex", "race", "ethnicity", "manner", "outcome"})

_NUMBER = re.compile(
    r"\b(kits?|quantity|qty|counts?|number of|no of|total|amount|units?|distributed|dispensed|given|handed out|"
    r"available|free|open|beds?|places|slots)\b"
)
_COUNT = re.compile(r"\d{1,3}(,\d{3})+|\d+(\.0+)?|[<≤] ?\d+|\d+ ?[-–] ?\d+|\*+")
_FIT = 0.9
_WORDS_FIT = 0.5
_MEASURE_NAMES = (
    ("naloxone_kits", re.compile(r"\bkits?\b|naloxone|narcan")),
    ("treatment_places", re.compile(r"\bbeds?\b|\bplaces?\b|\bslots?\b|openings")),
)

_HOW_MANY = _("Its name and its values say how many, and no column is about a person: each row is a count.")
_WHAT = _("The names of the columns say what is counted: %(measure)s.")
_WHAT_BY_ROW = _("Its values say what each row counts.")
_NOT_TOLD = _("No column says what is counted; overdoses are assumed.")
_KEY_OF_COUNT = _(
    "Together they are different in each row. A count of the same day and place that comes again replaces this one."
)


def propose_counts(columns: Sequence[Column], about_persons: Collection[str]) -> Part:
    """The setting `count`; nothing where settings `about_persons` were found, or no column says how many."""
    numbers = [column for column in named(columns, _NUMBER) if column.share(_COUNT.fullmatch) > _FIT]
    if not numbers or OF_PERSONS.intersection(about_persons):
        return Part()
    quantity = max(numbers, key=lambda column: _measure_named([column]) != OVERDOSE)
    measure = _measure(columns)
    chosen = Finding("count.quantity", (quantity.name,), Confidence.LIKELY, _HOW_MANY)
    count = {**measure.settings, "quantity": {"columns": [quantity.name]}}
    return Part({"count": count}, (chosen, *measure.findings))


def key_of_counts(settings: Mapping[str, Any], columns: Sequence[Column], rows: int) -> Part:
    """The setting `record_id` for counts without a key of their own: all that they are counts of."""
    quantity = settings["count"]["quantity"]["columns"][0]
    names = [column.name for column in columns if column.filled == rows and column.name != quantity]
    cells = [column.cells for column in columns if column.name in names]
    if len(names) < 2 or len(set(zip(*cells, strict=True))) < rows:
        return Part()
    finding = Finding("record_id", tuple(names), Confidence.LIKELY, _KEY_OF_COUNT)
    return Part({"record_id": {"columns": [names], "separator": "|"}}, (finding,))


def _measure(columns: Sequence[Column]) -> Part:
    """The setting `measure` inside `count`: from a column of words, else what the names of the columns say."""
    for column in named(columns, MEASURES.names):
        if column.share(MEASURES.word) > _WORDS_FIT:
            found = Finding("count.measure", (column.name,), Confidence.LIKELY, _WHAT_BY_ROW)
            rule = word_rule("measure", column)
            return Part({"measure": rule}, (found, *unknown_codes(MEASURES, column)))
    measure = _measure_named(columns)
    asked = Finding("count.measure", (), Confidence.ASK, _NOT_TOLD)
    told = Finding("count.measure", (), Confidence.LIKELY, _WHAT, {"measure": measure.replace("_", " ")})
    return Part({"measure": {"constant": measure}}, (asked if measure == OVERDOSE else told,))


def _measure_named(columns: Sequence[Column]) -> str:
    found = (
        measure
        for measure, names in _MEASURE_NAMES
        if any(column.is_named(names) or column.share(names.search) > _FIT for column in columns)
    )
    return next(found, OVERDOSE)
