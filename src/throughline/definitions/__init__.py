"""Case definitions as data: which events count as what, by which codes and words, and why."""

from throughline.definitions.definition import Criterion, Definition, Match
from throughline.definitions.library import library, shipped_documents
from throughline.definitions.parsing import DefinitionError, parse_definition

__all__ = [
    "Criterion",
    "Definition",
    "DefinitionError",
    "Match",
    "library",
    "parse_definition",
    "shipped_documents",
]
