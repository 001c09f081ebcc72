"""Finds the columns on the person and on the course of the event: age, cause, narrative and codes of diagnoses."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from throughline.formats.proposal.columns import Column, named
from throughline.formats.proposal.finding import Confidence, Finding, Part
from throughline.formats.proposal.substances import patterns_in
from throughline.formats.wording import gettext_noop as _

_AGE = re.compile(r"\bage\b")
_AGE_BAND = re.compile(
    r"^\D{0,12}\d{1,3}( ?years)? ?(-|–|to|and|\+|or)|^[<>≥≤] ?\d|under|over", re.IGNORECASE
)
_OLDEST = 120

_CAUSE = re.compile(r"\bcause|\bcod\b|other signific|contributing|narrative|\bnotes?\b|remarks|circumstance")
_TEXTS = (
    ("chief_complaint", re.compile(r"chief complaint|complaint text|reason for visit|\bcc\b")),
    ("triage_notes", re.compile(r"triage")),
    ("clinical_impression", re.compile(r"clinical impression|diagnostic impression")),
    ("diagnosis_text", re.compile(r"diagnosis (text|desc)|discharge diagnosis|diagnoses? description")),
    (
        "cause_of_death",
        re.compile(r"cause of death|\bcod\b|primary cause|secondary cause|other signific|contributing"),
    ),
    ("eNarrative.01", re.compile(r"narrative")),
)
_ICD10 = re.compile(r"[A-TV-Z]\d[0-9A-Z](\.?[0-9A-Z]{1,4})?")
_SPLITS = (";", "|", ",")
_CODES = (
    ("underlying_cause", re.compile(r"underlying|\bucod\b|\bucr?\b")),
    ("multiple_cause", re.compile(r"multiple|record axis|\bmcod\b|contributing")),
    ("eSituation.11", re.compile(r"primary impression|provider impression")),
    ("eSituation.12", re.compile(r"secondary impression")),
    ("eSituation.09", re.compile(r"primary symptom")),
    ("diagnosis", re.compile(r"diagnos|\bdx|\bicd")),
)


def propose_persons(columns: Sequence[Column]) -> Part:
    """The settings `age`, `age_group`, `cause`, `texts`, `codes`, and the substances named in the texts."""
    return _age(columns) | _texts(columns) | _codes(columns)


_YEARS = _("Its name says age, and %(share)s of its values are years from 0 to 120.")
_UNREADABLE_AGES = _("Some ages are no number of years: %(values)s. Rows with them are set aside.")
_BANDS = _("Its name says age, and its values are groups such as %(example)s; they are kept as written.")
_FREE_TEXT = _(
    "Its name fits, and it holds free text. It could name persons: only those with a grant see it."
)
_TELLS_DRUGS = _("Its texts name: %(substances)s.")
_COMPLAINT = _("Case definitions look into it: it holds texts of the kind %(kind)s.")
_DIAGNOSES = _(
    "%(share)s of its values look like codes of ICD-10; case definitions look into them as %(kind)s."
)


def _age(columns: Sequence[Column]) -> Part:
    part = Part()
    for column in named(columns, _AGE):
        years, bands = column.share(_is_age), column.share(_AGE_BAND.search)
        if years > 0.9 and "age" not in part.settings:
            part |= Part({"age": {"columns": [column.name]}}, tuple(_said_of_age(column, years)))
        elif bands > 0.8 and "age_group" not in part.settings:
            facts = {"example": column.counts.most_common(1)[0][0]}
            rule = {"columns": [column.name], "codes": {"Unknown": "unknown"}, "otherwise": "keep"}
            finding = Finding("age_group", (column.name,), Confidence.CERTAIN, _BANDS, facts)
            part |= Part({"age_group": rule}, (finding,))
    return part


def _said_of_age(column: Column, share: float) -> Iterator[Finding]:
    yield Finding("age", (column.name,), Confidence.CERTAIN, _YEARS, {"share": f"{share:.0%}"})
    if unreadable := [value for value in column.counts if not _is_age(value)]:
        facts = {"values": ", ".join(unreadable[:8])}
        yield Finding("age", (column.name,), Confidence.ASK, _UNREADABLE_AGES, facts)


def _is_age(value: str) -> bool:
    try:
        return 0 <= float(value) <= _OLDEST
    except ValueError:
        return False


def _texts(columns: Sequence[Column]) -> Part:
    return _cause(columns) | _elements(
        "texts", _TEXTS, [one for one in columns if _is_free_text(one)], _COMPLAINT
    )


def _cause(columns: Sequence[Column]) -> Part:
    causes = [column for column in named(columns, _CAUSE) if _is_free_text(column)]
    if not causes:
        return Part()
    names = tuple(column.name for column in causes)
    settings = cause_rules(causes)
    findings = [Finding("cause", names, Confidence.LIKELY, _FREE_TEXT)]
    for rule in settings.get("substance_texts", ()):
        facts = {"substances": ", ".join(rule["patterns"])}
        findings.append(Finding("substance_texts", names, Confidence.LIKELY, _TELLS_DRUGS, facts))
    return Part(settings, tuple(findings))


def cause_rules(columns: Sequence[Column]) -> dict[str, Any]:
    """The settings `cause` and `substance_texts` for these columns of free text, joined."""
    names = [column.name for column in columns]
    source: dict[str, Any] = {"columns": [names], "separator": "; "} if len(names) > 1 else {"columns": names}
    patterns = patterns_in(columns)
    return {"cause": source} | ({"substance_texts": [source | {"patterns": patterns}]} if patterns else {})


def _is_free_text(column: Column) -> bool:
    """Texts of several words that seldom repeat; codes and words of a list are neither."""
    if not column.filled or column.share(_ICD10.fullmatch) > 0.5:
        return False
    return column.share(lambda text: " " in text.strip()) > 0.3 and column.share(str.isdigit) < 0.1


def _codes(columns: Sequence[Column]) -> Part:
    coded = [column for column in columns if column.filled and _icd_share(column) > 0.8]
    return _elements("codes", _CODES, coded, _DIAGNOSES)


def _icd_share(column: Column) -> float:
    split = _split_of(column)
    return column.share(lambda value: all(_ICD10.fullmatch(one.strip()) for one in _parts(value, split)))


def _parts(value: str, split: str) -> list[str]:
    return [part for part in (value.split(split) if split else [value]) if part.strip()]


def _split_of(column: Column) -> str:
    return (
        max(_SPLITS, key=lambda mark: column.share(lambda value: mark in value))
        if any(mark in value for value in column.counts for mark in _SPLITS)
        else ""
    )


def _elements(
    setting: str, kinds: Sequence[tuple[str, re.Pattern[str]]], columns: Sequence[Column], wording: str
) -> Part:
    """Sources for case definitions, each under the name that definitions know."""
    rules: list[dict[str, Any]] = []
    findings: list[Finding] = []
    for column in columns:
        kind = next((name for name, pattern in kinds if column.is_named(pattern)), None)
        if kind is None:
            continue
        split = _split_of(column) if setting == "codes" else ""
        rules.append({"name": kind, "columns": [column.name]} | ({"split": split} if split else {}))
        facts = {"kind": kind, "share": f"{_icd_share(column):.0%}"}
        findings.append(Finding(setting, (column.name,), Confidence.LIKELY, wording, facts))
    return Part({setting: rules} if rules else {}, tuple(findings))
