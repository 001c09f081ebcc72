"""Finds the column with the source's own key of each record."""

import re
from collections.abc import Sequence

from throughline.formats.proposal.columns import Column
from throughline.formats.proposal.dates import candidates
from throughline.formats.proposal.finding import Confidence, Finding, Part
from throughline.formats.wording import gettext_noop as _

_NAMED_KEY = re.compile(r"\b(id|uuid|guid|key|number|no|num|nbr|record|case|run|pcr|incident)\b|id$")
_A_KEY = re.compile(r"[\w./:#-]{1,64}")
_NEARLY = 0.9
_FEW = 20

_ONLY_UNIQUE = _(
    "Each of the %(rows)d rows has a value there, no two alike, and its name says that it is a key."
)
_SEVERAL_UNIQUE = _("Each row has a value there, no two alike; so have %(others)s.")
_FEW_ROWS = _("No two values are alike, but %(rows)d rows are few to tell by.")
_REPEATS = _(
    "No column is a key. %(column)s comes nearest; rows that repeat another's: %(repeats)d. Take it if these "
    "correct earlier rows; leave it if they are other persons. Without a key, rows are known by their content."
)
_NO_KEY = _(
    "No column is filled and different in each row. Rows are known by their content: a corrected row counts again."
)


def propose_key(columns: Sequence[Column], rows: int) -> Part:
    """The setting `record_id`; without it where no column can be a key."""
    keys = [column for column in columns if column.is_named(_NAMED_KEY) and _could_be_key(column)]
    unique = [column for column in keys if column.is_unique]
    if unique:
        return _chosen(unique, rows)
    nearly = [column for column in keys if column.filled == rows and len(column.counts) > _NEARLY * rows]
    if nearly:
        facts = {"column": nearly[0].name, "repeats": rows - len(nearly[0].counts)}
        return Part(findings=(Finding("record_id", (nearly[0].name,), Confidence.ASK, _REPEATS, facts),))
    return Part(findings=(Finding("record_id", (), Confidence.ASK, _NO_KEY),))


def _chosen(unique: Sequence[Column], rows: int) -> Part:
    chosen, others = unique[0], unique[1:]
    settings = {"record_id": {"columns": [chosen.name]}}
    facts = {"rows": rows, "others": ", ".join(column.name for column in others)}
    if others:
        confidence, wording = Confidence.ASK, _SEVERAL_UNIQUE
    elif rows < _FEW:
        confidence, wording = Confidence.LIKELY, _FEW_ROWS
    else:
        confidence, wording = Confidence.CERTAIN, _ONLY_UNIQUE
    return Part(settings, (Finding("record_id", (chosen.name,), confidence, wording, facts),))


def _could_be_key(column: Column) -> bool:
    short = column.share(_A_KEY.fullmatch) == 1
    return (
        short
        and column.share(candidates) < 0.5
        and not column.share(lambda value: "." in value and _is_float(value))
    )


def _is_float(value: str) -> bool:
    try:
        return not float(value).is_integer()
    except ValueError:
        return False
