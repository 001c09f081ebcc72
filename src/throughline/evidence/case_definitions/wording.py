"""Tells a definition's criteria in words."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from throughline.definitions import Definition
from throughline.definitions.definition import CodeTest, FieldTest, Test, TextTest
from throughline.definitions.vocabulary import VocabularyVersion

_MOST_SHOWN = 12
_LONGEST_PATTERN = 120  # the document, which the page holds too, says it in words that people wrote


@dataclass(frozen=True)
class CriterionInWords:
    name: str
    every: list[str]
    none: list[str]


def criteria_in_words(definition: Definition) -> list[CriterionInWords]:
    return [
        CriterionInWords(
            criterion.name,
            [_test(test) for test in criterion.every],
            [_test(test) for test in criterion.none],
        )
        for criterion in definition.criteria
    ]


def _test(test: Test) -> str:
    match test:
        case CodeTest():
            return _("a code in %(elements)s %(what)s") % {
                "elements": _listed(test.elements),
                "what": _codes(test),
            }
        case TextTest():
            return _("words in %(elements)s that match “%(pattern)s”") % {
                "elements": _listed(test.elements),
                "pattern": _shortened(test.pattern),
            } + (_(", outside of what is denied, past, or said of others") if test.steps else "")
        case FieldTest():
            values = _listed(str(value) for value in test.values)
            return _("%(field)s is %(values)s") % {"field": test.name, "values": values}


def _codes(test: CodeTest) -> str:
    if test.pattern:
        return _("that matches “%(pattern)s”") % {"pattern": _shortened(test.pattern)}
    known = sorted(test.codes) + [f"{prefix}…" for prefix in test.prefixes]
    among = _("among %(codes)s") % {"codes": _listed(known)}
    return f"{among} ({_list(test.vocabulary)})" if test.vocabulary else among


def _list(version: VocabularyVersion) -> str:
    return _("code list %(id)s, version %(version)d") % version._asdict()


def _shortened(pattern: str) -> str:
    return pattern if len(pattern) <= _LONGEST_PATTERN else pattern[:_LONGEST_PATTERN] + "…"


def _listed(words: Iterable[str]) -> str:
    listed = sorted(words)
    more = (
        [_("and %(count)d more") % {"count": len(listed) - _MOST_SHOWN}] if len(listed) > _MOST_SHOWN else []
    )
    return ", ".join(listed[:_MOST_SHOWN] + more)
