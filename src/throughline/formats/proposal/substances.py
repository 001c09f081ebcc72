"""Finds the columns that say whether one drug was found, and the patterns that find drugs in free text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from throughline.formats.proposal.columns import Column
from throughline.formats.proposal.finding import Confidence, Finding, Part
from throughline.formats.rules import fold
from throughline.formats.wording import gettext_noop as _

PATTERNS: Mapping[str, str] = MappingProxyType(
    {
        "fentanyl": r"(?<!desp)(?<!despropionyl )(?<!acetyl )(?<!acetyl)\bfentan[iy]l\b(?! analog)",
        "fentanyl_analogue": r"\w(yl|yl-|yl )[ -]?fentan[iy]l|car ?fentan[iy]l|4-?anpp|fentan[iy]l analog",
        "nitazene": r"nitazene",
        "heroin": r"\bheroin|diacetylmorphine|6-?mam\b|6-(mono)?acetylmorphine",
        "morphine": r"(?<!acetyl)\bmorphine",
        "methadone": r"methadone",
        "buprenorphine": r"buprenorphine|suboxone|subutex",
        "oxycodone": r"oxycodone|oxycontin|percocet",
        "oxymorphone": r"oxymorphone",
        "hydrocodone": r"hydrocodone|vicodin",
        "hydromorphone": r"hydromorphone|dilaudid",
        "codeine": r"codeine",
        "tramadol": r"tramadol",
        "opioid_unspecified": r"\bopi(ate|oid)s?\b",
        "cocaine": r"cocaine|\bcrack\b",
        "methamphetamine": r"methamphetamine|\bmeth\b",
        "amphetamine": r"\bamphetamine",
        "benzodiazepine": r"benzodiazepine|\wzolam\b|\wazepam\b|xanax|valium|ativan|klonopin",
        "xylazine": r"xylazine|\btranq\b",
        "medetomidine": r"medetomidine",
        "gabapentinoid": r"gabapentin|pregabalin",
        "barbiturate": r"barbital\b|barbiturate",
        "pcp": r"\bpcp\b|phencyclidine",
        "cannabis": r"marijuana|cannab(is|inoid)|\bthc\b",
        "alcohol": r"ethanol\b|alcohol",
    }
)
"""What each substance is called in causes of death and narratives."""

_FLAG_NAMES = (
    ("fentanyl_analogue", r"car ?fentan|fentanyl ?analog|analogue?s? (of )?fentanyl"),
    ("fentanyl", r"fent(anyl)?\b"),
    ("nitazene", r"nitazene"),
    ("morphine", r"^morphine"),
    ("heroin", r"heroin"),
    ("methadone", r"methadone"),
    ("buprenorphine", r"bupren|suboxone"),
    ("oxycodone", r"oxycod|oxycontin|percocet"),
    ("oxymorphone", r"oxymorph"),
    ("hydrocodone", r"hydrocod|vicodin"),
    ("hydromorphone", r"hydromorph|dilaudid"),
    ("codeine", r"codeine"),
    ("tramadol", r"tramad"),
    ("opioid_unspecified", r"opi(ate|oid)"),
    ("cocaine", r"cocaine|\bcrack\b"),
    ("methamphetamine", r"meth ?amphet|\bmeth\b"),
    ("amphetamine", r"amphet|stimulant"),
    ("benzodiazepine", r"benzo"),
    ("xylazine", r"xylazine"),
    ("medetomidine", r"medetomidine"),
    ("gabapentinoid", r"gabapent|pregabalin"),
    ("barbiturate", r"barbitu"),
    ("pcp", r"\bpcp\b|phencyclidine"),
    ("synthetic_cannabinoid", r"synthetic (marijuana|cannab)|\bk2\b"),
    ("cannabis", r"marijuana|cannab|\bthc\b"),
    ("alcohol", r"ethanol|alcohol"),
    ("other", r"^(other|bath salts|pharmaceutical other|other (drug|substance)s?)$"),
)
_SUMMARY = re.compile(r"^(any|all|no|number|count|total|poly)\b")
_PRESENT = frozenset(("y", "yes", "1", "1.0", "t", "true", "x", "pos", "positive", "present", "detected"))
_ABSENT = frozenset(
    ("n", "no", "0", "0.0", "f", "false", "neg", "negative", "absent", "not detected", "u", "unk", "unknown")
)
_FLAG_LIKE = 0.9
_MOST_VALUES = 12

_NAMED = _("Its name names the drug, and its values say yes or no.")
_SUMS_UP = _("It sums up other columns or names no single drug; it is left out.")
_UNUSUAL = _(
    "Besides yes and no it holds %(values)s. Those that begin with Y are taken as yes; others set the row aside."
)


def propose_flags(columns: Sequence[Column]) -> Part:
    """The setting `substance_flags`, and the columns of yes and no that could not be told."""
    rules: list[dict[str, Any]] = []
    findings: list[Finding] = []
    for column in filter(is_flag, columns):
        substance = _substance(column)
        if substance:
            rules.append(flag_rule(column, substance))
            findings += _said(column, substance)
        elif rules:  # flags of drugs stand side by side: one of another name is likely one too
            findings.append(Finding("substance_flags", (column.name,), Confidence.ASK, _SUMS_UP))
    return Part({"substance_flags": rules} if rules else {}, tuple(findings))


def patterns_in(columns: Sequence[Column]) -> dict[str, str]:
    """The patterns that find anything in these columns' texts."""
    texts = {text for column in columns for text in column.counts}
    compiled = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in PATTERNS.items()}
    return {name: PATTERNS[name] for name, found in compiled.items() if any(map(found.search, texts))}


def is_flag(column: Column) -> bool:
    """Whether a column says little else than yes and no."""
    few = 0 < len(column.counts) <= _MOST_VALUES
    return few and column.share(lambda value: fold(value) in _PRESENT | _ABSENT) >= _FLAG_LIKE


def _substance(column: Column) -> str | None:
    if column.is_named(_SUMMARY):
        return None
    return next((name for name, pattern in _FLAG_NAMES if re.search(pattern, column.words)), None)


def flag_rule(column: Column, substance: str) -> dict[str, Any]:
    """One of the `substance_flags`: which of the column's values mean that the substance was found."""
    present = [value for value in column.counts if _means_present(value)]
    absent = [value for value in column.counts if fold(value) in _ABSENT]
    rule = {"columns": [column.name], "substance": substance, "present": present or ["Y"]}
    return rule | ({"absent": absent} if absent else {})


def _means_present(value: str) -> bool:
    return fold(value) in _PRESENT or (value[:1] in "Yy" and fold(value) not in _ABSENT)


def _said(column: Column, substance: str) -> Iterator[Finding]:
    yield Finding("substance_flags", (column.name,), Confidence.CERTAIN, _NAMED, {"substance": substance})
    unusual = [value for value in column.counts if fold(value) not in _PRESENT | _ABSENT]
    if unusual:
        facts = {"values": ", ".join(unusual)}
        yield Finding("substance_flags", (column.name,), Confidence.ASK, _UNUSUAL, facts)
