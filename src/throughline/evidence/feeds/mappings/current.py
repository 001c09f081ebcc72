"""Says which columns a mapping names now, as far as a form of single choices can show it."""

from collections.abc import Mapping
from typing import Any

from throughline.formats.event import OVERDOSE, VOCABULARIES
from throughline.formats.proposal.choosing import word_rule
from throughline.formats.proposal.columns import Column
from throughline.formats.rules import fold

NONE = "mapping:none"
KEEP = "mapping:keep"
CONSTANT = "mapping:all="
OVERDOSES = {"constant": OVERDOSE}
_PLAIN = ("record_id", "manner", "age", "age_group", "sex", "race", "ethnicity", "naloxone")


class CurrentChoices:
    """What each field of the form says of a mapping's document: a column, NONE, or KEEP for what is richer."""

    def __init__(self, definition: Mapping[str, Any]) -> None:
        self.definition = definition
        self._columns = {
            **{name: _single(definition.get(name)) for name in _PLAIN},
            **_when(definition.get("occurred_at")),
            **_where(definition.get("place") or {}),
            **_why(definition.get("cause")),
            "outcome": _constant_or_single(definition.get("outcome")),
            "measure": "" if self.rule("measure") == OVERDOSES else _constant_or_single(self.rule("measure")),
            "quantity": _single(self.rule("quantity")),
        }

    def rule(self, name: str) -> Mapping[str, Any] | None:
        """The setting of a field; those of counts stand together."""
        settings = self.definition.get("count") or {} if name in ("measure", "quantity") else self.definition
        return settings.get(name)

    def column(self, name: str) -> str:
        return self._columns[name] or NONE

    def in_words(self, name: str) -> str:
        """The columns of a source that one choice can't show."""
        settings = {"date": "occurred_at", "place_code": "place", "cause_more": "cause"}
        rule = self.rule(settings.get(name, name)) or {}
        columns = (
            (rule.get("code") or rule).get("columns") or []
            if name == "place_code"
            else rule.get("columns") or []
        )
        return ", ".join(" + ".join(one) if isinstance(one, list) else one for one in columns)

    @property
    def time_zone(self) -> str:
        return (self.definition.get("occurred_at") or {}).get("time_zone") or "UTC"

    @property
    def unknown_place(self) -> str:
        return (self.definition.get("place") or {}).get("otherwise") or "quarantine"

    @property
    def order(self) -> str:
        formats = (self.definition.get("occurred_at") or {}).get("formats") or []
        firsts = {"month" if "%m" in fmt[:2] else "day" for fmt in formats if fmt.startswith(("%m", "%d"))}
        return firsts.pop() if len(firsts) == 1 else NONE

    @property
    def flags(self) -> dict[str, str]:
        """The substance of each column that is a flag by itself."""
        rules = self.definition.get("substance_flags") or []
        return {_single(rule): rule["substance"] for rule in rules if _single(rule) not in ("", KEEP)}

    def words(self, name: str, column: Column | None) -> dict[str, str]:
        """What each value of a column means: as the mapping says of its own column, else as is known."""
        if column is None:
            return {}
        mapped = self.column(name) == column.name
        rule = (self.rule(name) if mapped else None) or word_rule(name, column)
        codes = {fold(code): word for code, word in (rule.get("codes") or {}).items()}
        known = {word: word for word in VOCABULARIES.get(name, ())} | codes
        return {value: known[fold(value)] for value in column.counts if fold(value) in known}


def _single(rule: Mapping[str, Any] | None) -> str:
    columns = (rule or {}).get("columns") or []
    if not columns:
        return ""
    return columns[0] if len(columns) == 1 and isinstance(columns[0], str) else KEEP


def _constant_or_single(rule: Mapping[str, Any] | None) -> str:
    constant = (rule or {}).get("constant")
    return f"{CONSTANT}{constant}" if constant else _single(rule)


def _when(rule: Mapping[str, Any] | None) -> dict[str, str]:
    """A date, or a date joined with a time of day; then a column for where it is empty."""
    columns = (rule or {}).get("columns") or []
    first = columns[0] if columns else ""
    parts = first if isinstance(first, list) else [first]
    if len(columns) > 2 or len(parts) > 2 or any(isinstance(column, list) for column in columns[1:]):
        return {"date": KEEP, "clock": "", "fallback": ""}
    return {
        "date": parts[0],
        "clock": parts[1] if parts[1:] else "",
        "fallback": columns[1] if columns[1:] else "",
    }


def _where(rule: Mapping[str, Any]) -> dict[str, str]:
    point = rule.get("point") or {}
    return {
        "place_code": _single(rule.get("code")),
        "latitude": point.get("latitude", ""),
        "longitude": point.get("longitude", ""),
    }


def _why(rule: Mapping[str, Any] | None) -> dict[str, str]:
    columns = (rule or {}).get("columns") or []
    if len(columns) == 1 and isinstance(columns[0], list) and len(columns[0]) == 2:
        return {"cause": columns[0][0], "cause_more": columns[0][1]}
    return {"cause": _single(rule), "cause_more": ""}
