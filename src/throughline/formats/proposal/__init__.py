"""Proposes a mapping from the first rows of a table, with a reason for each choice and a list of what is unclear."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from throughline.formats.gazetteer import Gazetteer
from throughline.formats.limits import DEFAULT_LIMITS, Limits
from throughline.formats.proposal.counts import key_of_counts, propose_counts
from throughline.formats.proposal.dates import propose_dates
from throughline.formats.proposal.finding import Confidence, Finding
from throughline.formats.proposal.keys import propose_key
from throughline.formats.proposal.persons import propose_persons
from throughline.formats.proposal.places import propose_place
from throughline.formats.proposal.sample import Sample, read_sample
from throughline.formats.proposal.substances import propose_flags
from throughline.formats.proposal.words import propose_words

__all__ = ["Confidence", "Finding", "Proposal", "propose_mapping"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """`document` is a mapping as `parse_mapping` reads it; without `occurred_at` where no column holds dates.

    `findings` has a reason for each setting; those that a person should check are `questions`.
    """

    document: Mapping[str, Any]
    findings: tuple[Finding, ...]
    sample: Sample

    @property
    def questions(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.confidence is Confidence.ASK)


def propose_mapping(
    path: Path,
    places: Gazetteer | None = None,
    *,
    time_zone: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Proposal:
    """Look at a table's header and first 5,000 rows. Raises UnreadableFile for what is no table.

    Codes of places are checked against `places`, where there are any. `time_zone` is where the agency's clocks
    are read: tables don't tell.
    """
    sample = read_sample(path, limits=limits)
    columns, rows = sample.columns, sample.rows
    persons = propose_words(columns) | propose_persons(columns) | propose_flags(columns)
    counts = propose_counts(columns, persons.settings)
    key = propose_key(columns, rows)
    if counts.settings and not key.settings:
        key = key_of_counts(counts.settings, columns, rows) or key
    part = sample.layout | key | propose_dates(columns, rows, time_zone) | propose_place(columns, places)
    part |= counts if counts.settings else persons
    return Proposal(part.settings, part.findings, sample)
