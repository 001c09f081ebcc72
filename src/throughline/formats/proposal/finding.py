"""What a proposal says of one setting: the columns, how sure it is, and why, in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from throughline.formats.wording import gettext_noop as _


class Confidence(StrEnum):
    """`ask` is a choice that the file doesn't settle: a person must look at it."""

    CERTAIN = _("certain")
    LIKELY = _("likely")
    ASK = _("please check")


@dataclass(frozen=True, slots=True)
class Finding:
    """`setting` is a path in the mapping. `wording` is a text to be translated, filled in from `facts`."""

    setting: str
    columns: tuple[str, ...]
    confidence: Confidence
    wording: str
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        return self.wording % self.facts


@dataclass(frozen=True, slots=True)
class Part:
    """Some settings of a mapping's document, and what there is to say of them."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.settings or self.findings)

    def __or__(self, other: "Part") -> "Part":
        return Part({**self.settings, **other.settings}, self.findings + other.findings)
