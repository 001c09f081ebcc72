"""Says to people what a proposal found."""

from dataclasses import dataclass

from django.utils.translation import gettext

from throughline.formats.proposal import Confidence, Finding

_TONES = {Confidence.CERTAIN: "good", Confidence.LIKELY: "neutral", Confidence.ASK: "warning"}


@dataclass(frozen=True)
class Said:
    """A finding in the reader's language; `tone` is that of a status tag."""

    columns: str
    confidence: str
    tone: str
    reason: str


def said(finding: Finding) -> Said:
    return Said(
        columns=", ".join(finding.columns),
        confidence=gettext(finding.confidence.value),
        tone=_TONES[finding.confidence],
        reason=gettext(finding.wording) % finding.facts,
    )
