"""Recognizes columns of codes: what names they go by, and what their codes mean."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from throughline.formats.event import VOCABULARIES
from throughline.formats.proposal.columns import Column, named
from throughline.formats.proposal.finding import Confidence, Finding, Part
from throughline.formats.rules import fold
from throughline.formats.wording import gettext_noop as _

_FIT = 0.6
_MOST_CODES = 60
_MOST_CODES_NAMED = 8

_YES = ("y", "yes", "1", "t", "true", "x", "pos", "positive", "given", "administered", "present", "detected")
_NO = ("n", "no", "0", "f", "false", "neg", "negative", "not given", "not administered", "none", "absent")
_UNSURE = (
    "u",
    "unk",
    "unknown",
    "undetermined",
    "not known",
    "don't know",
    "9",
    "99",
    "not reported",
    "refused",
)


def _codes(**codes: Sequence[str]) -> Mapping[str, str]:
    return MappingProxyType({code: word for word, group in codes.items() for code in group})


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One way in which a field is written: the names of its column, and the words for its codes, folded.

    `open_ended` settings keep what isn't listed.
    """

    setting: str
    names: re.Pattern[str]
    codes: Mapping[str, str]
    patterns: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    open_ended: bool = False

    def word(self, code: str) -> str | None:
        folded = fold(code)
        known = self.codes.get(folded)
        return known or next((word for word, found in self.patterns.items() if found.search(folded)), None)


_FATAL = ("fatal", "died", "dead", "death", "deceased", "expired", "doa", "dead on arrival", "fatality")
_NONFATAL = ("nonfatal", "non-fatal", "non fatal", "survived", "alive", "transported", "recovered", "treated")
VOCABULARIES_KNOWN = (
    Vocabulary("outcome", re.compile(r"surviv|\balive\b"),
               _codes(nonfatal=(*_YES, *_NONFATAL), fatal=(*_NO, *_FATAL), unknown=_UNSURE)),
    Vocabulary("outcome", re.compile(r"outcome|^(non ?)?fatal|fatality|\bdied\b|deceased|disposition|\bstatus\b"),
               _codes(fatal=(*_YES, *_FATAL), nonfatal=(*_NO, *_NONFATAL), unknown=_UNSURE)),
    Vocabulary("manner", re.compile(r"\bmanner"), _codes(
        accident=("accident", "accidental", "a"), suicide=("suicide", "s"), homicide=("homicide", "h"),
        natural=("natural", "n"), undetermined=("undetermined", "could not be determined", "u", "c"),
        pending=("pending", "pending investigation", "p"), unknown=("unknown", "unk"))),
    Vocabulary("sex", re.compile(r"^(sex|gender)\b|\b(sex|gender)( desc\w*| code)?$"), _codes(
        female=("f", "female", "woman"), male=("m", "male", "man"),
        other=("other", "o", "x", "nonbinary", "non-binary", "transgender"), unknown=_UNSURE)),
    Vocabulary("race", re.compile(r"^race\b|\brace( desc\w*| code| ethnicity)?$"), _codes(
        white=("white", "w", "caucasian"), black=("black", "b", "african american", "black or african american"),
        asian=("asian", "a"), other=("other", "o"), unknown=_UNSURE),
        {"american_indian": re.compile(r"^(am\.? ?indian|american indian|native american|alaska)"),
         "pacific_islander": re.compile(r"^(hawaiian|native hawaiian|pacific islander)"),
         "asian": re.compile(r"^(asian|chinese|japanese|korean|filipino|vietnamese)\b(?! or)"),
         "white": re.compile(r"\bwhite$"), "black": re.compile(r"\bblack$")}, open_ended=True),
    Vocabulary("ethnicity", re.compile(r"ethnic|latino|hispanic"), _codes(
        hispanic=(*_YES, "hispanic", "hispanic or latino", "latino", "h"),
        not_hispanic=(*_NO, "not hispanic", "non-hispanic", "not hispanic or latino", "nh"), unknown=_UNSURE),
        open_ended=True),
    Vocabulary("naloxone", re.compile(r"naloxone|narcan"), _codes(yes=_YES, no=_NO, unknown=_UNSURE)),
)  # fmt: skip

MEASURES = Vocabulary("measure", re.compile(r"^(item|product|supply|supplies|what|measure|kind|type)\b"), _codes(
    naloxone_kits=("kit", "kits", "naloxone", "narcan", "naloxone kit", "naloxone kits", "narcan kit", "narcan kits"),
    treatment_places=("bed", "beds", "place", "places", "slot", "slots", "treatment place", "treatment places"),
))  # fmt: skip

_DEATHS = re.compile(
    r"manner ?of ?death|\bmanner\b|cause of death|\bcod\b|\bdeath (date|time)|primary cause|autopsy"
)


def propose_words(columns: Sequence[Column]) -> Part:
    """The settings of fields that are written in codes, `outcome` among them."""
    part = Part()
    for vocabulary in VOCABULARIES_KNOWN:
        if vocabulary.setting not in part.settings:
            part |= _propose(vocabulary, columns)
    return part if "outcome" in part.settings else part | _constant_outcome(columns)


_FITS = _("Its name fits, and the meaning of %(share)s of its values is known.")
_UNKNOWN_CODES = _(
    "It isn't known what these mean: %(codes)s. Rows with them are set aside until you say so."
)
_ALL_DEATHS = _(
    "No column says whether people survived, but %(columns)s are of deaths: all rows are taken as fatal."
)
_NO_OUTCOME = _("No column says whether people survived; the outcome stays unknown.")


def word_rule(setting: str, column: Column) -> dict[str, Any]:
    """The setting of a field of codes for a column that a person chose, with the codes whose meaning is known."""
    known = [one for one in (*VOCABULARIES_KNOWN, MEASURES) if one.setting == setting]
    best = max(
        known, key=lambda vocabulary: (column.is_named(vocabulary.names), column.share(vocabulary.word))
    )
    return _rule(best, column)


def _rule(vocabulary: Vocabulary, column: Column) -> dict[str, Any]:
    rule: dict[str, Any] = {"columns": [column.name], "codes": dict(_used_codes(vocabulary, column))}
    return rule | ({"otherwise": "keep"} if vocabulary.open_ended else {})


def _propose(vocabulary: Vocabulary, columns: Sequence[Column]) -> Part:
    fitting = [
        (column, share)
        for column in named(columns, vocabulary.names)
        if len(column.counts) <= _MOST_CODES and (share := column.share(vocabulary.word)) >= _FIT
    ]
    if not fitting:
        return Part()
    column, share = max(fitting, key=lambda one: one[1])
    confidence = Confidence.LIKELY if len(fitting) > 1 or share < 0.95 else Confidence.CERTAIN
    chosen = Finding(vocabulary.setting, (column.name,), confidence, _FITS, {"share": f"{share:.0%}"})
    asked = () if vocabulary.open_ended else unknown_codes(vocabulary, column)
    return Part({vocabulary.setting: _rule(vocabulary, column)}, (chosen, *asked))


def _used_codes(vocabulary: Vocabulary, column: Column) -> Iterator[tuple[str, str]]:
    """Only codes that stand in the column, so that a person can check them; the product's own words need none."""
    own = VOCABULARIES.get(vocabulary.setting, frozenset())
    for code in sorted({fold(value): value for value in column.counts}.values()):
        word = vocabulary.word(code)
        if word and not (fold(code) == word and word in own):
            yield code, word


def unknown_codes(vocabulary: Vocabulary, column: Column) -> Iterator[Finding]:
    codes = [code for code, _times in column.counts.most_common() if vocabulary.word(code) is None]
    if codes:
        more = ["…"] if len(codes) > _MOST_CODES_NAMED else []
        facts = {"codes": ", ".join(codes[:_MOST_CODES_NAMED] + more)}
        yield Finding(f"{vocabulary.setting}.codes", (column.name,), Confidence.ASK, _UNKNOWN_CODES, facts)


def _constant_outcome(columns: Sequence[Column]) -> Part:
    of_deaths = tuple(column.name for column in named(columns, _DEATHS))
    if not of_deaths:
        return Part(findings=(Finding("outcome", (), Confidence.ASK, _NO_OUTCOME),))
    facts = {"columns": ", ".join(of_deaths)}
    finding = Finding("outcome", of_deaths, Confidence.ASK, _ALL_DEATHS, facts)
    return Part({"outcome": {"constant": "fatal"}}, (finding,))
